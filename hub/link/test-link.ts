/** For tests: both listeners on a real database, with a ledger of what reached the handlers. */
import { collectors, events } from "@watchpost/db/schema";
import type { ScriptResult } from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { scratchDir, testDatabase } from "../../packaging/parts/index.ts";
import { openBus } from "../bus/index.ts";
import { type Clock, systemClock } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import { createEnrollmentToken, openKeys } from "../identity/index.ts";
import type { LinkHandlers } from "./handlers.ts";
import { createAdmission, LinkRegistry, startLinkServer, startPublicServer } from "./index.ts";
import { enrollClient, type EnrolledClient, TestStream } from "./test-collector.ts";

export interface TestLink {
  hub: Hub;
  registry: LinkRegistry;
  authorityPem: string;
  publicAddress: string;
  linkAddress: string;
  results: ScriptResult[];
  connected: string[];
  /** Set it to make the next ingest fail after its rows are written. */
  failIngest: { next: boolean };
  newToken(site: string, expiresInMs?: number): Promise<string>;
  enroll(site: string, name: string): Promise<EnrolledClient>;
  connect(client: EnrolledClient): TestStream;
  statusOf(collectorId: string): Promise<string | undefined>;
  storedSeqs(collectorId: string): Promise<(number | null)[]>;
  stop(): Promise<void>;
}

export async function startTestLink(
  clock: Clock = systemClock,
  change: { silenceMaxMs?: number } = {},
): Promise<TestLink> {
  const database = await testDatabase();
  const log = pino({ level: "silent" });
  const bus = await openBus(database.sql, (error) => log.error(error));
  const hub: Hub = { db: database.db, sql: database.sql, bus, clock, log, metrics: undefined };
  const keys = await openKeys(scratchDir("link"), clock);
  const identity = await keys.certificates.issueServer([]);
  const registry = new LinkRegistry();
  const ledger = { results: new Array<ScriptResult>(), connected: new Array<string>(), failIngest: { next: false } };
  const common = { hub, keys, identity, address: "127.0.0.1", port: 0 };
  const link = await startLinkServer({
    ...common,
    ...change,
    registry,
    admission: createAdmission(),
    handlers: handlersOver(ledger),
    meters: SILENT,
  });
  const linkAddress = `127.0.0.1:${link.port}`;
  const addresses = () => ({ link: linkAddress, remoteWrite: "https://127.0.0.1:1/api/v1/write" });
  const open = await startPublicServer({ ...common, addresses, services: [] });
  const publicAddress = `127.0.0.1:${open.port}`;
  const authorityPem = keys.certificates.pem;
  const caFingerprint = keys.certificates.fingerprint;

  async function newToken(site: string, expiresInMs = 60_000): Promise<string> {
    const ctx = contextFor(hub, { kind: "system" });
    return (await createEnrollmentToken(ctx, { site, expiresInMs, address: publicAddress, caFingerprint })).token;
  }
  return {
    hub,
    registry,
    authorityPem,
    publicAddress,
    linkAddress,
    ...ledger,
    newToken,
    enroll: async (site, name) => enrollClient(publicAddress, authorityPem, await newToken(site), name),
    connect: (client) => new TestStream(client.response.linkAddress, client.identity),
    async statusOf(collectorId) {
      const [row] = await hub.db.select().from(collectors).where(eq(collectors.id, collectorId));
      return row?.status;
    },
    async storedSeqs(collectorId) {
      const rows = await hub.db.select().from(events).where(eq(events.collectorId, collectorId)).orderBy(events.seq);
      return rows.map((row) => row.seq);
    },
    async stop() {
      await link.stop();
      await open.stop();
      await bus.close();
      await database.close();
    },
  };
}

const SILENT = { eventsStored() {}, eventsRepeated() {}, acked() {}, streams() {}, refused() {} };

/** Rows of shared.events without incidents: what the link promises ends at the transaction. */
function handlersOver(ledger: Pick<TestLink, "results" | "connected" | "failIngest">): LinkHandlers {
  return {
    ingestEvents: (ctx, source, batch, once) =>
      ctx.db.transaction(async (tx) => {
        if ((await tx.execute(once)).count === 0) return false;
        for (const { seq, summary } of batch) {
          await tx.insert(events).values({
            siteId: source.siteId,
            collectorId: source.collectorId,
            outboxEpoch: source.outboxEpoch,
            seq: Number(seq),
            observedAt: new Date(),
            kind: "syslog",
            state: "moment",
            severity: "info",
            fingerprint: "f",
            summary,
          });
        }
        if (!ledger.failIngest.next) return true;
        ledger.failIngest.next = false;
        throw new Error("the disk is gone");
      }),
    recordScriptOutput: async () => undefined,
    recordScriptResult: async (_hub, _source, result) => ledger.results.push(result),
    recordScanProgress: async () => undefined,
    recordScanReport: async () => undefined,
    recordSiteConfig: async () => undefined,
    whoWaits: async (ids) => new Set(ids),
    onConnected: async (collectorId) => ledger.connected.push(collectorId),
  };
}
