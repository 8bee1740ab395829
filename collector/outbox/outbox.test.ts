import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import * as fc from "fast-check";
import pino from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemClock } from "../clock.ts";
import { type EventDraft, type Outbox, type OutboxOptions, openOutbox } from "./index.ts";

setDefaultTimeout(30_000);

const log = pino({ level: "silent" });
const open: Outbox[] = [];
afterEach(() => {
  for (const outbox of open.splice(0)) outbox.close();
});

function start(options: Partial<OutboxOptions> = {}): { outbox: Outbox; dir: string } {
  const dir = options.dir ?? scratchDir("outbox");
  const outbox = openOutbox({ dir, bytesMax: 1_000_000, clock: systemClock, log, bucketMs: 1, ...options });
  open.push(outbox);
  return { outbox, dir };
}

function stop(outbox: Outbox): void {
  open.splice(open.indexOf(outbox), 1);
  outbox.close();
}

function draft(change: Partial<EventDraft> = {}): EventDraft {
  return {
    kind: EventKind.INTERFACE_DOWN,
    state: EventState.FIRING,
    severity: Severity.ERROR,
    device: "core-sw1",
    object: "Te1/1",
    fingerprint: "interface-down/core-sw1/Te1/1",
    observedAtMs: 1_700_000_000_000,
    summary: "Te1/1 is down",
    attributes: { from: "up", to: "down" },
    ...change,
  };
}

test("numbers events from 1 in the order of append, under one epoch, also across restarts", async () => {
  const { outbox, dir } = start();
  expect(outbox.lastSeq()).toBe(0n);
  expect(await Promise.all([draft(), draft({ summary: "second" })].map((d) => outbox.append(d)))).toEqual([1n, 2n]);
  const epoch = outbox.epoch();
  stop(outbox);
  const again = start({ dir }).outbox;
  expect(again.epoch()).toBe(epoch);
  expect(await again.append(draft({ summary: "third" }))).toBe(3n);
  expect(again.read({ seq: 0n }).map((e) => [e.seq, e.summary])).toEqual([
    [1n, "Te1/1 is down"],
    [2n, "second"],
    [3n, "third"],
  ]);
});

test("a number is never given twice, even when everything was acknowledged", async () => {
  const { outbox, dir } = start();
  await outbox.append(draft());
  await outbox.ack(1n);
  stop(outbox);
  expect(await start({ dir }).outbox.append(draft())).toBe(2n);
});

test("what is under way when it is closed is kept, and nothing is written afterwards", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { outbox, dir } = start({ bucketMs: 0 });
    const appended = outbox.append(draft());
    // The sync of the first bucket has begun by now or not: both are well.
    if (round % 2 === 0) await Bun.sleep(1);
    const second = outbox.append(draft({ summary: "second" }));
    stop(outbox);
    expect(await Promise.all([appended, second])).toEqual([1n, 2n]);
    const again = start({ dir }).outbox;
    expect(again.read({ seq: 0n }).map((event) => event.summary)).toEqual(["Te1/1 is down", "second"]);
    stop(again);
  }
});

test("reads within both limits and at least one event", async () => {
  const { outbox } = start();
  await Promise.all(Array.from({ length: 10 }, () => outbox.append(draft())));
  expect(outbox.read({ seq: 3n, eventsMax: 2 }).map((e) => e.seq)).toEqual([4n, 5n]);
  expect(outbox.read({ seq: 3n, bytesMax: 1 }).map((e) => e.seq)).toEqual([4n]);
  expect(outbox.read({ seq: 3n }).map((e) => e.seq)).toEqual([4n, 5n, 6n, 7n, 8n, 9n, 10n]);
});

test("sequence has no hole over any mix of appends, acknowledgements and restarts", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant("ack" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant("reopen" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { dir, ...first } = start({ bucketMs: 0 });
      let { outbox } = first;
      let last = 0n;
      let acked = 0n;
      for (const { kind, ...detail } of steps) {
        if (kind === "append" && "count" in detail) {
          const seqs = await Promise.all(Array.from({ length: detail.count }, () => outbox.append(draft())));
          for (const seq of seqs) expect(seq).toBe((last += 1n));
        } else if (kind === "ack" && "share" in detail) {
          acked += BigInt(Math.floor(Number(last - acked) * detail.share));
          await outbox.ack(acked);
        } else {
          stop(outbox);
          ({ outbox } = start({ dir, bucketMs: 0 }));
        }
        const seqs = outbox.read({ seq: 0n }).map((event) => event.seq);
        expect(seqs).toEqual(Array.from({ length: Number(last - acked) }, (_, index) => acked + BigInt(index + 1)));
        expect(outbox.pending().events).toBe(seqs.length);
      }
      stop(outbox);
    }),
    { numRuns: 15 },
  );
});

test("when full, info and moments are replaced by gap events at their number, and severe events stay", async () => {
  const { outbox, dir } = start({ bytesMax: 60_000 });
  const summary = "x".repeat(500);
  for (let i = 0; i < 40; i += 1) {
    await outbox.append(draft({ severity: Severity.INFO, summary }));
    await outbox.append(draft({ severity: Severity.CRITICAL, summary }));
    await outbox.append(draft({ state: EventState.MOMENT, summary }));
  }
  const events = outbox.read({ seq: 0n });
  expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 120 }, (_, index) => BigInt(index + 1)));
  const stoodIn = events.filter((event) => event.kind === EventKind.GAP);
  expect(stoodIn.length).toBeGreaterThan(10);
  expect(stoodIn.every((event) => Number(event.seq) % 3 !== 2)).toBe(true);
  expect(stoodIn[0]?.attributes).toEqual({ events: "1", reason: "the outbox was full", kind: "INTERFACE_DOWN" });
  const { bytes } = outbox.pending();
  expect(bytes).toBeLessThanOrEqual(60_000);
  stop(outbox);
  expect(start({ dir }).outbox.pending().bytes).toBe(bytes);
});

test("refuses, with its numbers, what cannot be kept at all, and works again after an acknowledgement", async () => {
  const { outbox } = start({ bytesMax: 8_000 });
  let stored = 0n;
  const fill = async () => {
    for (let i = 0; i < 200; i += 1) stored = await outbox.append(draft({ severity: Severity.CRITICAL }));
  };
  expect(await fill().catch(String)).toMatch(/outbox\S* is full: \d+ events use \d+ of 8000 bytes/);
  expect(outbox.lastSeq()).toBe(stored);
  await outbox.ack(stored);
  expect(await outbox.append(draft())).toBe(stored + 1n);
});

test("a new epoch counts what is pending from 1 and keeps references that still hold", async () => {
  const { outbox, dir } = start();
  for (let i = 0; i < 4; i += 1) await outbox.append(draft({ summary: `event ${i + 1}` }));
  await outbox.append(draft({ kind: EventKind.VERDICT, refersToSeq: 4n }));
  await outbox.append(draft({ kind: EventKind.VERDICT, refersToSeq: 1n }));
  await outbox.ack(3n);
  const epoch = outbox.epoch();
  await outbox.beginEpoch();
  expect(outbox.epoch()).not.toBe(epoch);
  const fresh = outbox.epoch();
  stop(outbox);
  const again = start({ dir }).outbox;
  expect(again.epoch()).toBe(fresh);
  expect(again.read({ seq: 0n }).map((e) => [e.seq, e.refersToSeq])).toEqual([
    [1n, 0n],
    [2n, 1n],
    [3n, 0n],
  ]);
  expect(await again.append(draft())).toBe(4n);
});

test("cuts untrusted texts to their lengths", async () => {
  const { outbox } = start();
  const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, "v".repeat(5_000)]));
  await outbox.append(draft({ summary: "s".repeat(100_000), device: "d".repeat(1_000), attributes }));
  const [event] = outbox.read({ seq: 0n });
  expect(event?.summary.length).toBe(500);
  expect(event?.device.length).toBe(255);
  expect(Object.keys(event?.attributes ?? {}).length).toBe(32);
  expect(event?.attributes["k0"]?.length).toBe(1_000);
});

test("killed at any instant, it has every event whose append had resolved, without a hole", async () => {
  const dir = scratchDir("outbox");
  const fixture = fileURLToPath(import.meta.resolve("./append-forever.fixture.ts"));
  const child = Bun.spawn([process.execPath, fixture, dir], { stdout: "pipe" });
  let acknowledged = 0;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const seqs = decoder.decode(chunk).trim().split("\n").map(Number);
    acknowledged = Math.max(acknowledged, ...seqs);
    if (acknowledged >= 100) break;
  }
  child.kill("SIGKILL");
  await child.exited;
  const events = start({ dir }).outbox.read({ seq: 0n });
  expect(events.length).toBeGreaterThanOrEqual(acknowledged);
  events.forEach((event, index) => expect(event.seq).toBe(BigInt(index + 1)));
});
