import { join } from "node:path";
import type { ConfigPush, Device } from "@watchpost/proto";
import type { SitePart } from "../config/index.ts";
import { createDiscovery, type Discovery } from "../discover/index.ts";
import { type IdentityStore, renewIfDue } from "../enroll/index.ts";
import { type ConfigOutcome, createLink, type Link } from "../link/index.ts";
import { createShipper, directTarget, gatewayTarget, type Shipper } from "../remote-write/index.ts";
import { createScriptRunner, type ScriptRunner } from "../script/index.ts";
import type { LinkView } from "../status/index.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";
import type { Stores } from "./stores.ts";

const RENEWAL_CHECK_MS = 3_600_000;
const nothing = (): void => undefined;

/** What is there only with an identity: the link, the scripts that come over it, and the way of the samples. */
export interface HubSide {
  link: Link;
  view(): { link: LinkView; sentTo: string; lastError: string };
  stop(): Promise<void>;
}

export interface HubSideOptions extends Context {
  identity: IdentityStore;
  stores: Stores;
  configVersion(): number;
  onConfig(push: ConfigPush): Promise<ConfigOutcome>;
  site: { current(): SitePart; isProven(): boolean };
  addressOf: (device: string) => string | undefined;
  /** What is known of every configured device, for the first listing. */
  devices: readonly Device[];
}

export function startHubSide(options: HubSideOptions): HubSide {
  const link: Link = createLink({
    identity: options.identity,
    outbox: options.stores.outbox,
    version: VERSION,
    allowedScripts: () => (options.config.scripts.enabled ? options.config.scripts.allow : []),
    configVersion: () => options.configVersion(),
    samplesPending: () => options.stores.spool.pending().samples,
    clock: options.clock,
    random: options.random,
    log: options.log,
    ...dialed(options.config.uplinkProxy.link),
    handlers: {
      onConfig: (push) => options.onConfig(push),
      onOrder: (order) => void scripts.handleOrder(order),
      onCancel: (executionId) => scripts.cancel(executionId),
      onConnected() {
        scripts.resend();
        discovery.connected();
      },
      pendingScriptResults: () => scripts.pendingResults(),
      onScriptResultAcked: (executionId) => scripts.resultAcked(executionId),
      discovery: {
        order: (order) => discovery.order(order),
        cancel: (scanId) => discovery.cancel(scanId),
        acked: (ack) => discovery.acked(ack),
      },
    },
  });
  const scripts = startScripts(options, link);
  const discovery = startDiscovery(options, link);
  const shipper = startShipper(options);
  const stopRenewal = keepCertificate(options);
  for (const device of options.devices) link.setDevice(device);
  link.listingComplete();
  link.start();
  return {
    link,
    view: () => ({ link: viewOf(link), sentTo: shipper.status().target, lastError: shipper.status().failing ?? "" }),
    async stop() {
      stopRenewal();
      await Promise.all([scripts.stop(), discovery.stop()]);
      await Promise.all([link.stop(), shipper.stop()]);
    },
  };
}

function startScripts({ config, dataDir, identity, clock, log, addressOf }: HubSideOptions, link: Link): ScriptRunner {
  const { site, collectorId } = identity.current();
  return createScriptRunner({
    identity: { site, collectorId },
    trust: () => identity.current().trust,
    config: () => config.scripts,
    dir: join(dataDir, "script"),
    clock,
    hubOffsetMs: () => link.hubOffsetMs(),
    log,
    uplink: {
      output: (output) => link.sendScriptOutput(output),
      result: (result) => link.sendScriptResult(result),
    },
    deviceAddress: addressOf,
  });
}

function startDiscovery(options: HubSideOptions, link: Link): Discovery {
  const { config, clock, library, log, site } = options;
  return createDiscovery({
    credentials: config.credentials,
    settings: config.discover,
    library,
    clock,
    log,
    site: () => ({ version: options.configVersion(), part: site.current(), isProven: site.isProven() }),
    uplink: {
      progress: (value) => link.sendDiscovery({ case: "scanProgress", value }),
      report: (value) => link.sendDiscovery({ case: "scanReport", value }),
      site: (value) => link.sendDiscovery({ case: "siteConfig", value }),
    },
  });
}

function startShipper({ config, identity, stores, clock, random, log }: HubSideOptions): Shipper {
  const { url, timeoutMs, proxy } = config.remoteWrite;
  const { site, collectorId } = identity.current();
  const target =
    url === undefined
      ? gatewayTarget({ identity, timeoutMs, proxy, ...dialed(config.uplinkProxy.remoteWrite) })
      : directTarget({ ...config.remoteWrite, url, site, collectorId });
  const shipper = createShipper({ spool: stores.spool, target, clock, random, log });
  shipper.start();
  return shipper;
}

/** Asks for a new certificate in time; the link takes it up with its next stream. */
function keepCertificate({ identity, config, clock, log }: HubSideOptions): () => void {
  let cancel = nothing;
  let stopped = false;
  const check = async (): Promise<void> => {
    const renewal = await renewIfDue(identity, { nowMs: clock.nowMs(), ...dialed(config.uplinkProxy.link) });
    if (renewal.kind === "failed") log.error(renewal.reason);
    if (renewal.kind === "renewed") log.info({ notAfterMs: renewal.notAfterMs }, "certificate renewed");
  };
  const plan = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      check()
        .catch((error: unknown) => log.error({ err: error }, "certificate renewal"))
        .finally(() => {
          if (!stopped) plan(RENEWAL_CHECK_MS);
        });
    });
  };
  plan(0);
  return () => {
    stopped = true;
    cancel();
  };
}

function dialed(address: string | undefined): { dialAddress?: string } {
  return address === undefined ? {} : { dialAddress: address };
}

function viewOf(link: Link): LinkView {
  const { state, address, lastEnd, hubOffsetMs } = link.status();
  const isUp = state === "streaming";
  return {
    state,
    isUp,
    hub: address,
    message: isUp ? "" : (lastEnd ?? "no answer yet"),
    clockOffsetMs: hubOffsetMs ?? null,
  };
}
