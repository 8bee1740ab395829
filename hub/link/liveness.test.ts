import { afterAll, beforeAll, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { collectors } from "@watchpost/db/schema";
import { HeartbeatSchema } from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { sweepStale } from "./collector-status.ts";
import { clockOffsetMs } from "./heartbeat.ts";
import { LinkRegistry } from "./index.ts";
import type { Connected } from "./registry.ts";
import { startTestLink, type TestLink } from "./test-link.ts";

let nowMs = Date.now();
let link: TestLink;
beforeAll(async () => {
  link = await startTestLink({ nowMs: () => nowMs });
}, 60_000);
afterAll(() => link.stop());

const beat = (clockMs: number, echoClockMs: number, echoAgeMs = 0) =>
  create(HeartbeatSchema, { clockMs: BigInt(clockMs), echoClockMs: BigInt(echoClockMs), echoAgeMs });

test("the clock offset is free of the time on the way, and a sample across a clock step is dropped", () => {
  expect(clockOffsetMs(beat(5_020, 1_000, 0), 1_040)).toBe(4_000);
  expect(clockOffsetMs(beat(1_500, 1_000, 480), 1_520)).toBe(0);
  expect(clockOffsetMs(beat(1_500, 9_000), 1_520)).toBeUndefined();
  expect(clockOffsetMs(beat(1_500, 1_000), 86_400_000)).toBeUndefined();
  expect(clockOffsetMs(beat(1_500, 0), 1_520)).toBeUndefined();
});

test("a collector whose hub died is marked after 90 s; one that streams here never is", async () => {
  const [here, lost] = [await link.enroll("harbor", "here"), await link.enroll("harbor", "lost")];
  const stream = link.connect(here);
  await stream.hello("e1");
  const lostId = lost.response.collectorId;
  await link.hub.db
    .update(collectors)
    .set({ status: "streaming", lastSeenAt: new Date(nowMs) })
    .where(eq(collectors.id, lostId));
  const sweep = () => sweepStale(link.hub, (id) => link.registry.isConnected(id));
  expect(await sweep()).toBe(0);
  nowMs += 90_001;
  expect(await sweep()).toBe(1);
  expect(await link.statusOf(lostId)).toBe("disconnected");
  expect(await link.statusOf(here.response.collectorId)).toBe("streaming");
  stream.close();
});

test("a draining hub says so, ends what stays, and takes nobody new", async () => {
  const client = await link.enroll("harbor", "drained");
  const stream = link.connect(client);
  await stream.hello("e1");
  const drained = link.registry.drain(1_234);
  expect((await stream.next("drain")).reconnectAfterMs).toBe(1_234);
  expect(String(await stream.end())).toMatch(/UNAVAILABLE/);
  await drained;
  const late = link.connect(client);
  expect(late.hello("e1")).rejects.toThrow(/stopping/);
  late.close();
});

test("the registry hands a message to the newest stream of a collector, and forgets only that one", () => {
  const registry = new LinkRegistry();
  const ended: string[] = [];
  const stream = (name: string): Connected => ({
    collectorId: "c",
    send: () => true,
    end: () => ended.push(name),
  });
  const [first, second] = [stream("first"), stream("second")];
  registry.add(first);
  registry.add(second);
  registry.remove(first);
  expect(ended).toEqual(["first"]);
  expect(registry.isConnected("c")).toBe(true);
  registry.remove(second);
  expect(registry.size).toBe(0);
});
