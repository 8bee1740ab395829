import { expect, test } from "bun:test";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import pino from "pino";
import { systemClock } from "../clock.ts";
import { MemoryDisk } from "../journal/memory-disk.fixture.ts";
import { type EventDraft, type Outbox, openOutbox } from "./index.ts";

const DIR = "/outbox";
const EVENTS = 5;
let warnings = 0;
const log = pino({ level: "warn", hooks: { logMethod: () => void (warnings += 1) } });

function open(disk: MemoryDisk): Outbox {
  return openOutbox({ dir: DIR, bytesMax: 1_000_000, clock: systemClock, log, bucketMs: 0, disk });
}

function draft(number: number): EventDraft {
  return {
    kind: EventKind.SYSLOG,
    state: EventState.MOMENT,
    severity: Severity.WARNING,
    device: `sw${number}`,
    object: "",
    fingerprint: `syslog/sw${number}`,
    observedAtMs: 1_700_000_000_000 + number,
    summary: `line ${number}`,
    attributes: {},
  };
}

/** Two files of events, as two lives leave them; the last is killed. */
async function twoLives(): Promise<{ disk: MemoryDisk; epoch: string }> {
  const disk = new MemoryDisk();
  const first = open(disk);
  for (const number of [1, 2, 3]) await first.append(draft(number));
  first.close();
  const second = open(disk);
  for (const number of [4, 5]) await second.append(draft(number));
  return { disk: disk.copy(), epoch: second.epoch() };
}

/** What comes out of it: the numbers that a gap stands in for, and whether anybody was told. */
function whatIsLeft(disk: MemoryDisk, epoch: string): { gaps: number[]; noticed: boolean } {
  warnings = 0;
  const outbox = open(disk);
  const events = outbox.read({ seq: 0n });
  outbox.close();
  expect(outbox.epoch()).toBe(epoch);
  expect(events.map(({ seq }) => Number(seq))).toEqual([1, 2, 3, 4, 5]);
  const gaps = events.filter(({ kind }) => kind === EventKind.GAP).map(({ seq }) => Number(seq));
  for (const { seq, kind, summary } of events) if (kind !== EventKind.GAP) expect(summary).toBe(`line ${seq}`);
  return { gaps, noticed: warnings > 0 };
}

function filesOf(disk: MemoryDisk): string[] {
  return [...disk.files.keys()].filter((path) => disk.sizeOf(path) > 0);
}

test("every bit of every file flipped: it is noticed, one event at most is lost, and a gap says so at its number", async () => {
  const { disk, epoch } = await twoLives();
  let lost = 0;
  for (const path of filesOf(disk)) {
    for (let bit = 0; bit < 8 * disk.sizeOf(path); bit += 1) {
      const damaged = disk.copy();
      damaged.files.get(path)![bit >> 3]! ^= 1 << (bit & 7);
      const { gaps, noticed } = whatIsLeft(damaged, epoch);
      expect([path, bit, noticed, gaps.length <= 1]).toEqual([path, bit, true, true]);
      lost += gaps.length;
    }
  }
  expect(lost).toBeGreaterThan(0);
});

test("every file cut at every byte: it is noticed, and what stands before the cut is there", async () => {
  const { disk, epoch } = await twoLives();
  for (const path of filesOf(disk)) {
    for (let bytes = 0; bytes < disk.sizeOf(path); bytes += 1) {
      const damaged = disk.copy();
      damaged.files.set(path, damaged.files.get(path)!.slice(0, bytes));
      const { gaps, noticed } = whatIsLeft(damaged, epoch);
      const ofFile = path.endsWith("1.log") ? [1, 2, 3] : path.endsWith("2.log") ? [4, 5] : [];
      expect([path, bytes, noticed, gaps]).toEqual([path, bytes, true, ofFile.slice(ofFile.length - gaps.length)]);
      const share = bytes / disk.sizeOf(path);
      expect(gaps.length).toBeLessThanOrEqual(Math.ceil(ofFile.length * (1 - share)) + 1);
    }
  }
});

test("any file that vanished costs its own events, each told by a gap", async () => {
  const { disk, epoch } = await twoLives();
  for (const path of filesOf(disk)) {
    const damaged = disk.copy();
    damaged.files.delete(path);
    const expected = path.endsWith("1.log") ? [1, 2, 3] : path.endsWith("2.log") ? [4, 5] : [];
    expect(whatIsLeft(damaged, epoch)).toEqual({ gaps: expected, noticed: true });
  }
});

test("what a gap stands in for stays at its number, and new events go on behind it", async () => {
  const { disk, epoch } = await twoLives();
  const last = filesOf(disk).find((path) => path.endsWith("2.log"))!;
  disk.files.set(last, disk.files.get(last)!.slice(0, 10));
  whatIsLeft(disk, epoch);
  expect(whatIsLeft(disk, epoch)).toEqual({ gaps: [4, 5], noticed: true });
  const outbox = open(disk);
  expect(await outbox.append(draft(6))).toBe(BigInt(EVENTS + 1));
  await outbox.ack(5n);
  expect(outbox.read({ seq: 0n }).map(({ summary }) => summary)).toEqual(["line 6"]);
  outbox.close();
});
