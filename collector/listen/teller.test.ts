import { expect, test } from "bun:test";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import type { EventDraft } from "../outbox/index.ts";
import { createSources } from "./sources.ts";
import { createTeller } from "./teller.ts";

/** A clock that stands until it is moved. */
function handClock() {
  let nowMs = 1_000_000;
  const timers: { atMs: number; run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs: number, run: () => void) {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
    pass(ms: number) {
      const untilMs = nowMs + ms;
      for (let due = timers.find((t) => t.atMs <= untilMs); due; due = timers.find((t) => t.atMs <= untilMs)) {
        timers.splice(timers.indexOf(due), 1);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = untilMs;
    },
  };
}

function draft(device: string, object: string): EventDraft {
  const fingerprint = `trap/${device}/${object}`;
  const what = { kind: EventKind.TRAP, state: EventState.MOMENT, severity: Severity.WARNING };
  return { ...what, device, object, fingerprint, observedAtMs: 1, summary: `${device} ${object}`, attributes: {} };
}

function teller(emit?: (draft: EventDraft) => Promise<void>) {
  const clock = handClock();
  const told: EventDraft[] = [];
  const keep = (event: EventDraft) => Promise.resolve(void told.push(event));
  return { clock, told, ...createTeller({ clock, emit: emit ?? keep, onError: () => undefined }) };
}

test("repeats become one sum when the window ends, and quiet ends the counting", async () => {
  const { clock, told, tell, stats } = teller();
  for (let i = 0; i < 5; i += 1) expect(await tell(draft("sw1", "a"))).toBe(true);
  expect(told.map((event) => event.summary)).toEqual(["sw1 a"]);
  clock.pass(61_000);
  expect(told.map((event) => event.summary)).toEqual(["sw1 a", "sw1 a (4 times more in 60 s)"]);
  await tell(draft("sw1", "a"));
  clock.pass(300_000);
  expect(told.slice(2).map((event) => event.summary)).toEqual(["sw1 a (once more in 60 s)"]);
  await Bun.sleep(0);
  expect(stats).toMatchObject({ told: 3, repeats: 5, flooded: 0, dropped: 0 });
});

test("a device that says many different things is told of once, and the others still speak", async () => {
  const { told, tell, stats } = teller();
  for (let i = 0; i < 200; i += 1) expect(await tell(draft("loud", `x${i}`))).toBe(true);
  await tell(draft("calm", "y"));
  expect(told).toHaveLength(32);
  expect(told[30]).toMatchObject({ fingerprint: "trap/loud//flood", device: "loud" });
  expect(told[31]).toMatchObject({ device: "calm" });
  expect(stats).toMatchObject({ flooded: 170, repeats: 169 });
});

test("an event that cannot be kept is lost, counted, and told again with the next message", async () => {
  let isFull = true;
  const { tell, stats } = teller(() => (isFull ? Promise.reject(new Error("full")) : Promise.resolve()));
  expect(await tell(draft("sw1", "a"))).toBe(false);
  isFull = false;
  expect(await tell(draft("sw1", "a"))).toBe(true);
  expect(stats).toMatchObject({ dropped: 1, told: 1 });
});

test("an address of two devices belongs to neither, and strangers are named once an hour", () => {
  const sources = createSources();
  const device = { port: 161, credential: "c", role: "" as const };
  sources.configure([
    { ...device, name: "a", address: "192.0.2.1" },
    { ...device, name: "b", address: "192.0.2.1" },
    { ...device, name: "c", address: "192.0.2.3" },
  ]);
  expect(sources.deviceAt("192.0.2.1")).toBeUndefined();
  expect(sources.deviceAt("::ffff:192.0.2.3")).toBe("c");
  const told = [0, 1, 3_600_000].map((nowMs) => sources.noteUnknown("192.0.2.9", nowMs));
  expect(told).toEqual([true, false, true]);
  expect(sources.unknown()).toEqual([{ address: "192.0.2.9", messages: 3 }]);
});
