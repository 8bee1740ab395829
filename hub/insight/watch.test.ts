import { afterAll, beforeAll, expect, test } from "bun:test";
import { create, toJson } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, Server, ServerCredentials, type StatusObject, status } from "@grpc/grpc-js";
import { grpcService, type Insight, InsightSchema, Insights, Severity, WatchRequestSchema } from "@watchpost/proto";
import { pino } from "pino";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { type Bus, openBus, publish } from "../bus/index.ts";
import { systemClock } from "../context.ts";
import type { Hub } from "../hub.ts";
import { createInsightsService, type InsightDraft, insightJson, insightMessage } from "./index.ts";

const service = grpcService(Insights);
let database: TestDatabase;
let bus: Bus;
let server: Server;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  bus = await openBus(database.sql, (error) => {
    throw error;
  });
  const { db, sql } = database;
  const hub: Hub = { db, sql, bus, clock: systemClock, log: pino({ level: "silent" }), metrics: undefined };
  server = new Server();
  server.addService(
    service,
    createInsightsService(hub, async (bearer) =>
      bearer === "good" ? { kind: "token", userId: Bun.randomUUIDv7(), name: "t", role: "viewer" } : undefined,
    ),
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  server.forceShutdown();
  await bus.close();
  await database.close();
});

function watch(request: Parameters<typeof create<typeof WatchRequestSchema>>[1], token = "good") {
  const metadata = new Metadata();
  if (token !== "") metadata.set("authorization", `Bearer ${token}`);
  const { path, requestSerialize, responseDeserialize } = service.watch;
  const message = create(WatchRequestSchema, request);
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message, metadata);
  const seen: Insight[] = [];
  const admitted = new Promise<void>((resolve) => call.once("metadata", () => resolve()));
  const ended = new Promise<StatusObject>((resolve) => {
    call.on("error", (error) => resolve(error as Error & StatusObject));
    call.on("status", resolve);
  });
  call.on("data", (insight: Insight) => seen.push(insight));
  return { call, seen, ended, admitted };
}

const draft = (more: Partial<InsightDraft>): InsightDraft => ({
  incidentId: "i1",
  site: "harbor",
  step: "evidence",
  severity: "error",
  createdAtMs: 1_700_000_000_000n,
  text: "Te1/1 is down",
  evidence: [{ id: "e1", tool: "metrics", title: "t", query: "up", finding: "0", url: "http://x/e1" }],
  ...more,
});
const send = (...drafts: Partial<InsightDraft>[]) =>
  database.db.transaction((tx) => publish(tx, ...drafts.map((more) => insightMessage(draft(more)))));

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !done(); i += 1) await Bun.sleep(10);
  expect(done()).toBe(true);
}

test("a watcher gets what the bus holds, the same object that /ai-stream sends, live", async () => {
  const before = bus.lastId();
  await send({ text: "before" });
  await until(() => bus.lastId() > before);
  const live = watch({});
  await live.admitted;
  await send({
    step: "cause",
    causes: [{ device: "core-sw1", interface: "Te1/1", fault: "link-failure", score: 0.9 }],
  });
  await until(() => live.seen.length === 1);
  const published = await bus.replay("insight", before);
  const asJson = published.map(insightJson);
  expect(live.seen.map((i) => toJson(InsightSchema, i, { alwaysEmitImplicit: true }))).toEqual(
    asJson.slice(1) as never,
  );
  expect(asJson[0]).toMatchObject({ incidentId: "i1", severity: "SEVERITY_ERROR", step: "evidence", text: "before" });
  live.call.cancel();
});

test("after an id comes everything after it, once, then what is new", async () => {
  await send({ text: "anchor" });
  const all = await bus.replay("insight", 0);
  const anchor = all.at(-1)!.id;
  await send(...Array.from({ length: 50 }, (_, i) => ({ text: `n${i}` })));
  const { call, seen, admitted } = watch({ after: BigInt(anchor) });
  await admitted;
  await send({ text: "n50" });
  await until(() => seen.length >= 51);
  expect(seen.map((i) => i.text)).toEqual(Array.from({ length: 51 }, (_, i) => `n${i}`));
  expect(seen.every((insight, i) => i === 0 || insight.id > seen[i - 1]!.id)).toBe(true);
  call.cancel();
});

test("site, incident and least severity filter what is sent", async () => {
  const { call, seen, admitted } = watch({ site: "pier", incidentId: "i9", minSeverity: Severity.ERROR });
  await admitted;
  await send(
    { incidentId: "i9" },
    { incidentId: "i9", site: "pier", severity: "warning" },
    { incidentId: "i8", site: "pier" },
    { incidentId: "i9", site: "pier", severity: "critical", text: "this" },
  );
  await until(() => seen.length > 0);
  expect(seen.map((i) => i.text)).toEqual(["this"]);
  call.cancel();
});

test("no token and a wrong token are refused with the next step", async () => {
  const without = await watch({}, "").ended;
  expect(without).toMatchObject({ code: status.UNAUTHENTICATED });
  expect(without.details).toContain('send "authorization: Bearer <API token>"');
  expect(await watch({}, "wrong").ended).toMatchObject({
    code: status.UNAUTHENTICATED,
    details: "Insights.Watch needs an API token: the token is not valid",
  });
});

test("a reader that stops reading is let go with RESOURCE_EXHAUSTED once its queue is full", async () => {
  const { call, seen, ended, admitted } = watch({ site: "slow" });
  await admitted;
  call.pause();
  for (let batch = 0; batch < 15; batch += 1) {
    await send(...Array.from({ length: 100 }, () => ({ site: "slow", text: "x".repeat(2_000) })));
  }
  const last = bus.lastId();
  await until(() => bus.lastId() >= last);
  await Bun.sleep(300);
  call.resume();
  const end = await ended;
  expect(end.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(end.details).toContain("Watch again with after set to the last id received");
  expect(seen.length).toBeLessThan(1_500);
}, 20_000);
