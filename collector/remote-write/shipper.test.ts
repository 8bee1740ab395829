import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { uncompress } from "snappyjs";
import { scratchDir, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { systemClock } from "../clock.ts";
import { listOf } from "../sample/index.ts";
import { createShipperOver, gatewayTarget, type Sent, type Way } from "./index.ts";
import { parseRetryAfter } from "./send.ts";
import { append, base, cleanup, direct, expectAllStored, log, ship, site, stopAll, until } from "./site.fixture.ts";
import { TestGateway } from "./test-gateway.fixture.ts";

setDefaultTimeout(30_000);
afterEach(stopAll);

test("what the store gives back equals what was appended, value by value and time by time", async () => {
  const s = await site();
  const shipper = ship(s.spool, direct(s));
  await append(s, 0, 40);
  await expectAllStored(s);
  expect(shipper.status()).toMatchObject({ deliveredSamples: 1_200, failures: 0 });
});

test("a store that goes away and comes back misses nothing and has nothing with two values", async () => {
  const s = await site();
  const shipper = ship(s.spool, direct(s));
  await append(s, 0, 20);
  await until(() => s.spool.pending().blocks === 0);
  await s.gateway.close();
  await append(s, 20, 20);
  await until(() => shipper.status().failing !== undefined);
  expect(s.spool.pending().samples).toBe(600);
  s.gateway.open();
  await expectAllStored(s);
  expect(shipper.status().failing).toBeUndefined();
});

test("after the store was gone, what it had acknowledged shortly before is sent again", async () => {
  const s = await site();
  const shipper = ship(s.spool, direct(s));
  await append(s, 0, 1);
  await until(() => s.spool.pending().blocks === 0);
  await s.gateway.close();
  await append(s, 1, 1);
  await until(() => shipper.status().failing !== undefined);
  s.gateway.open();
  await until(() => shipper.status().deliveredSamples === 90);
  await expectAllStored(s);
});

test("a store that the gateway says was started anew gets the last minutes again; one that was only away does not", async () => {
  const s = await site();
  s.gateway.storeStartS = 1_000;
  const shipper = ship(s.spool, direct(s));
  await append(s, 0, 2);
  await until(() => s.spool.pending().blocks === 0);
  await s.gateway.close();
  await append(s, 2, 1);
  await until(() => shipper.status().failing !== undefined);
  s.gateway.open();
  await expectAllStored(s);
  expect(shipper.status().deliveredSamples).toBe(90);
  s.gateway.storeStartS = 1_060;
  await append(s, 3, 1);
  await until(() => shipper.status().deliveredSamples >= 210);
  await expectAllStored(s);
});

test("an answer that a store's death overtook counts for nothing: what it was for is sent again", async () => {
  const s = await site();
  const late = Promise.withResolvers<Sent>();
  const times: number[][] = [];
  const way: Way = {
    takesZstd: () => Promise.resolve(false),
    send({ batches }) {
      times.push(batches.map(({ takenAtMs }) => takenAtMs - base));
      return times.length === 1 ? late.promise : Promise.resolve({ kind: "delivered", storeStartS: 2_000 });
    },
  };
  const options = { spool: s.spool, target: { name: "the store" }, way, clock: systemClock, random: () => 0, log };
  const shipper = createShipperOver({ ...options, gatherMs: 0 });
  cleanup.push(() => shipper.stop());
  shipper.start();
  await append(s, 0, 1);
  await until(() => times.length === 1);
  await append(s, 1, 1);
  await until(() => times.length === 2);
  await Bun.sleep(50);
  late.resolve({ kind: "delivered", storeStartS: 1_000 });
  await until(() => times.length === 3);
  expect(times).toEqual([[0], [1_000], [0]]);
  await until(() => s.spool.pending().samples === 0);
});

test("samples whose request had no answer are given up by nobody, and sent again as they are", async () => {
  const s = await site();
  s.gateway.behaviour = () => ({ kind: "forward-and-hang" });
  const shipper = ship(s.spool, direct(s, 200));
  await append(s, 0, 1);
  await until(() => shipper.status().failures > 0);
  expect(s.spool.take(1_000)).toEqual([]);
  expect(s.spool.pending().samples).toBe(30);
  s.gateway.behaviour = () => ({ kind: "forward" });
  await expectAllStored(s);
});

test("a store that never answers in time gets the same samples again", async () => {
  const s = await site();
  s.gateway.behaviour = () => ({ kind: "forward-and-hang" });
  const shipper = ship(s.spool, direct(s, 200));
  await append(s, 0, 3);
  await until(() => shipper.status().failures > 0);
  expect(shipper.status().failing).toContain("no answer within 200 ms");
  s.gateway.behaviour = () => ({ kind: "forward" });
  await expectAllStored(s);
});

test("sends the newest first and waits as long as the store asks", async () => {
  const s = await site();
  await append(s, 0, 30);
  s.gateway.behaviour = () => ({ kind: "answer", status: 429, headers: { "retry-after": "1" } });
  const bodies: Uint8Array[] = [];
  const shipper = ship(s.spool, direct(s));
  await until(() => s.gateway.requests > 0);
  const refusedAtMs = performance.now();
  s.gateway.behaviour = (body) => {
    bodies.push(uncompress(body));
    return { kind: "forward" };
  };
  await append(s, 30, 1);
  await until(() => bodies.length > 0);
  expect(performance.now() - refusedAtMs).toBeGreaterThan(900);
  await expectAllStored(s);
  const newest = Buffer.alloc(8);
  newest.writeDoubleLE(30 * 1_234.5);
  expect(Buffer.from(bodies[0]!).includes(newest)).toBe(true);
  expect(shipper.status().quarantinedBlocks).toBe(0);
});

test("a block the store rejects is put aside with the reason, and all others arrive", async () => {
  const s = await site();
  await append(s, 0, 10);
  const series = listOf([{ name: "poison", labels: { device: "bad" } }]);
  await s.spool.append({ device: "bad", takenAtMs: base, series, values: Float64Array.of(1) });
  s.gateway.behaviour = (body) =>
    Buffer.from(uncompress(body)).includes("poison")
      ? { kind: "answer", status: 400, text: "cannot parse   poison" }
      : { kind: "forward" };
  await append(s, 10, 10);
  const shipper = ship(s.spool, direct(s));
  await expectAllStored(s);
  expect(s.spool.pending().quarantinedBlocks).toBe(1);
  expect(shipper.status().quarantinedBlocks).toBe(1);
  await until(() => s.gaps.length === 1);
  expect(s.gaps[0]).toMatchObject({
    reason: "rejected",
    samples: 1,
    detail: expect.stringContaining("400: cannot parse poison"),
  });
});

test("refused credentials put nothing aside", async () => {
  const s = await site();
  s.gateway.behaviour = () => ({ kind: "answer", status: 403, text: "revoked" });
  const shipper = ship(s.spool, direct(s));
  await append(s, 0, 2);
  await until(() => shipper.status().failures > 1);
  expect(s.spool.pending()).toMatchObject({ samples: 60, quarantinedBlocks: 0 });
  expect(shipper.status().failing).toBe("403: revoked");
  s.gateway.behaviour = () => ({ kind: "forward" });
  await expectAllStored(s);
});

test("the gateway is spoken to with the collector's certificate, at another address than its name if need be", async () => {
  const s = await site();
  const authority = await createTestAuthority();
  const gateway = await TestGateway.start(await testVictoriaMetrics(), authority);
  cleanup.push(() => gateway.close());
  const identity = await authority.identity(scratchDir("ship"), {
    remoteWriteUrl: "https://hub.example:9/api/v1/write",
  });
  const target = gatewayTarget({ identity, timeoutMs: 2_000, dialAddress: gateway.address });
  ship(s.spool, { ...target, extraLabels: { site: s.name, collector: "c1" } });
  await append(s, 0, 3);
  await expectAllStored(s);
  expect([...gateway.hosts]).toEqual(["hub.example:9"]);
});

test("nothing is sent to a gateway of another authority or another name", async () => {
  const authority = await createTestAuthority();
  const impostors = [
    await TestGateway.start(await testVictoriaMetrics(), await createTestAuthority()),
    await TestGateway.start(await testVictoriaMetrics(), authority, "some-collector"),
  ];
  for (const impostor of impostors) {
    const s = await site();
    cleanup.push(() => impostor.close());
    const identity = await authority.identity(scratchDir("ship"), { remoteWriteUrl: impostor.url });
    const shipper = ship(s.spool, gatewayTarget({ identity, timeoutMs: 2_000 }));
    await append(s, 0, 1);
    await until(() => shipper.status().failing !== undefined);
    expect(impostor.requests).toBe(0);
    expect(s.spool.pending().samples).toBe(30);
  }
});

test("reads Retry-After as seconds or as a date, and never waits longer than five minutes", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  expect(parseRetryAfter("7", nowMs)).toBe(7_000);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:01:00 GMT", nowMs)).toBe(60_000);
  expect(parseRetryAfter("99999999", nowMs)).toBe(300_000);
  expect(parseRetryAfter("soon", nowMs)).toBeUndefined();
  expect(parseRetryAfter(null, nowMs)).toBeUndefined();
});

test("what is new gathers for one request, the first goes at once, and a request that is full does not wait", async () => {
  const s = await site();
  const requests: number[] = [];
  const way: Way = {
    takesZstd: () => Promise.resolve(false),
    send({ batches }) {
      requests.push(batches.length);
      return Promise.resolve({ kind: "delivered" });
    },
  };
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const options = { spool: s.spool, target: { name: "the store" }, way, clock, random: () => 0, log, gatherMs: 60 };
  const shipper = createShipperOver(options);
  cleanup.push(() => shipper.stop());
  shipper.start();
  await append(s, 0, 1);
  await until(() => requests.length === 1);
  await append(s, 1, 3);
  await Bun.sleep(100);
  expect(requests).toEqual([1]);
  nowMs = 60;
  await until(() => s.spool.pending().samples === 0);
  expect(requests).toEqual([1, 3]);
  await append(s, 4, 700);
  await until(() => requests.length > 2);
});
