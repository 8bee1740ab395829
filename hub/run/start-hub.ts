import { join } from "node:path";
import { connectDatabase } from "@watchpost/db";
import { grpcService, Insights } from "@watchpost/proto";
import type { Logger } from "pino";
import { startAssistant } from "../assistant/index.ts";
import {
  recordScriptOutput,
  recordScriptResult,
  sendWaitingOrders,
  startExpirySweep,
  collectorsWithOrders,
} from "../automation/index.ts";
import { openBus } from "../bus/index.ts";
import {
  recordScanProgress,
  recordScanReport,
  recordSiteConfig,
  sendOpenScans,
  collectorsWithScans,
} from "../discovery/index.ts";
import type { HubConfig } from "../config/index.ts";
import type { Clock } from "../context.ts";
import { startGateway, WRITE_PATH } from "../gateway/index.ts";
import { contextFor, type Hub } from "../hub.ts";
import {
  type Authority,
  createEnrollmentToken,
  createSignInLink,
  ensureFirstAdmin,
  findApiToken,
  openKeys,
  type ServerIdentity,
} from "../identity/index.ts";
import { ingestOnce, startSettling } from "../incident/index.ts";
import { createInsightsService } from "../insight/index.ts";
import { createAdmission, type LinkHandlers, LinkRegistry, startLinkServer, startPublicServer } from "../link/index.ts";
import { openMetricsStore } from "../metrics/index.ts";
import { startPresence } from "../presence/index.ts";
import { startRetention } from "../retention/index.ts";
import { createMeters, type Meters } from "../status/index.ts";
import { choosePorts, type Ports } from "./ports.ts";
import { migrateOrExplain, requireDataDir } from "./refusal.ts";
import { startStores, type Stores } from "./stores.ts";
import { startWeb } from "./start-web.ts";

/** An analysis lets the batches of events that wait go first: when many sites come back, what happened is stored soon. */
const ANALYSIS_WAITS_MS_MAX = 5_000;

export interface StartHub {
  config: HubConfig;
  log: Logger;
  clock: Clock;
}

export interface RunningHub {
  hub: Hub;
  /** Where people and programs reach it. */
  url: string;
  /** host:port of enrolment and the insight stream. */
  grpcAddress: string;
  /** host:port for collectors. */
  linkAddress: string;
  /** URL for remote write. */
  gatewayUrl: string;
  databaseUrl: string;
  vmUrl: string | undefined;
  links: LinkRegistry;
  /** Rejects when the hub cannot go on (a database that it started is gone). */
  died: Promise<never>;
  /** A one-time enrolment token for a collector of the site. */
  createToken(site: string, expiresInMs?: number): Promise<string>;
  /** A link that signs one person in, once; the first admin when no address is given. */
  signInUrl(email?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Everything that outlives one step of the start. */
interface Assembly extends StartHub {
  hub: Hub;
  stores: Stores;
  keys: Authority;
  identity: ServerIdentity;
  ports: Ports;
  links: LinkRegistry;
  meters: Meters;
  addresses: { url: string; grpc: string; link: string; gateway: string };
}

/** Starts the whole hub in this process, or nothing of it: what was started before a failure is stopped again. */
export async function startHub(options: StartHub): Promise<RunningHub> {
  await using undo = new AsyncDisposableStack();
  const assembly = await assemble(options, undo);
  await openListeners(assembly, undo);
  const { hub, stores, links, addresses, keys } = assembly;
  const ctx = contextFor(hub, { kind: "system" });
  const running = undo.move();
  return {
    hub,
    url: addresses.url,
    grpcAddress: addresses.grpc,
    linkAddress: addresses.link,
    gatewayUrl: addresses.gateway,
    databaseUrl: stores.databaseUrl,
    vmUrl: stores.vmUrl,
    links,
    died: stores.died,
    async createToken(site, expiresInMs) {
      const caFingerprint = keys.certificates.fingerprint;
      const input = { site, address: addresses.grpc, caFingerprint };
      const made = await createEnrollmentToken(ctx, expiresInMs === undefined ? input : { ...input, expiresInMs });
      return made.token;
    },
    async signInUrl(email) {
      const { secret } = await createSignInLink(ctx, email === undefined ? {} : { userEmail: email });
      return signInUrl(addresses.url, secret);
    },
    stop: () => running.disposeAsync(),
  };
}

export function signInUrl(url: string, secret: string): string {
  return `${url}/sign-in?token=${secret}`;
}

async function assemble(options: StartHub, undo: AsyncDisposableStack): Promise<Assembly> {
  const { config, log, clock } = options;
  requireDataDir(config.dataDir);
  const keys = await openKeys(join(config.dataDir, "hub"), clock);
  const identity = await keys.certificates.issueServer([config.publicHost, ...config.serverNames]);
  const stores = await startStores(config, log);
  undo.defer(() => stores.stop());
  const applied = await migrateOrExplain(stores.databaseUrl);
  if (applied.length > 0) log.info({ applied }, "database migrated");
  const connection = connectDatabase(stores.databaseUrl);
  undo.defer(() => connection.close());
  const { db, sql } = connection;
  const bus = await openBus(sql, (error) => log.error({ err: error }, "bus: reading failed; it is tried again"));
  undo.defer(() => bus.close());
  const metrics = stores.vmUrl === undefined ? undefined : openMetricsStore(stores.vmUrl);
  const hub: Hub = { db, sql, bus, clock, log, metrics };
  await ensureFirstAdmin(contextFor(hub, { kind: "system" }));
  // Late, so that a port that is free now is still free when it is opened.
  const ports = await choosePorts(config);
  const meters = createMeters();
  undo.defer(() => meters.stop());
  return {
    ...options,
    hub,
    stores,
    keys,
    identity,
    ports,
    links: new LinkRegistry(),
    meters,
    addresses: addressesOf(config, ports),
  };
}

function addressesOf(config: HubConfig, ports: Ports): Assembly["addresses"] {
  const host = config.publicHost.includes(":") ? `[${config.publicHost}]` : config.publicHost;
  return {
    url: config.publicUrl ?? `http://${host}:${ports.http}`,
    grpc: `${host}:${ports.grpc}`,
    link: `${host}:${ports.link}`,
    gateway: `https://${host}:${ports.gateway}${WRITE_PATH}`,
  };
}

/** Opens the doors, people's first and collectors' last: whatever a collector brings then has where to go. */
async function openListeners(assembly: Assembly, undo: AsyncDisposableStack): Promise<void> {
  const { hub, config, keys, identity, ports, links, meters, stores, addresses } = assembly;
  undo.defer(startExpirySweep(hub));
  const settling = startSettling(hub);
  undo.defer(() => settling.stop());
  const presence = startPresence(hub, { silentAfterMs: config.collectorSilentSeconds * 1_000 });
  undo.defer(() => presence.stop());
  const retention = startRetention(hub, { eventsMonths: config.keepEventsMonths, liveDays: config.keepLiveDays });
  undo.defer(() => retention.stop());
  const admission = createAdmission();
  const standBack = async () => {
    await admission.analyses.take(() => admission.commits.quiet(ANALYSIS_WAITS_MS_MAX));
  };
  const assistant = await startAssistant(hub, { ...config, publicUrl: addresses.url, standBack });
  undo.defer(() => assistant.stop());
  const web = await startWeb({
    hub,
    keys,
    links,
    meters,
    enrollmentAddress: addresses.grpc,
    publicUrl: addresses.url,
    address: config.httpAddress,
    port: ports.http,
  });
  undo.defer(() => web.stop());

  const authenticate = async (bearer: string | undefined) =>
    bearer === undefined ? undefined : findApiToken(hub.db, hub.clock, bearer);
  const open = await startPublicServer({
    hub,
    keys,
    identity,
    addresses: () => ({ link: addresses.link, remoteWrite: addresses.gateway }),
    address: config.grpcAddress,
    port: ports.grpc,
    services: [{ definition: grpcService(Insights), implementation: { ...createInsightsService(hub, authenticate) } }],
  });
  undo.defer(() => open.stop());
  const gateway = await startGateway({
    hub,
    keys,
    identity,
    storeUrl: stores.vmUrl,
    address: config.gatewayAddress,
    port: ports.gateway,
    onWrite: (status, bytes) => meters.gatewayWrite(status, bytes),
  });
  undo.defer(() => gateway.stop());
  const link = await startLinkServer({
    hub,
    keys,
    identity,
    registry: links,
    admission,
    meters: meters.link,
    address: config.linkAddress,
    port: ports.link,
    handlers: {
      ingestEvents: ingestOnce,
      recordScriptOutput,
      recordScriptResult,
      recordScanProgress,
      recordScanReport,
      recordSiteConfig,
      ...waitingFor(hub, links),
    },
  });
  undo.defer(() => link.stop());
}

/** What a collector gets besides its configuration when its stream is up. */
function waitingFor(hub: Hub, links: LinkRegistry): Pick<LinkHandlers, "whoWaits" | "onConnected"> {
  return {
    async whoWaits(ids) {
      const waiting = await Promise.all([collectorsWithOrders(hub, ids), collectorsWithScans(hub, ids)]);
      return new Set(waiting.flat());
    },
    async onConnected(collectorId) {
      await sendWaitingOrders(hub, links, collectorId);
      await sendOpenScans(hub, links, collectorId);
    },
  };
}
