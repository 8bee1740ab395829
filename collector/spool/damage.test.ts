import { expect, test } from "bun:test";
import pino from "pino";
import { systemClock } from "../clock.ts";
import { listOf, type SampleBatch, type SeriesList } from "../sample/index.ts";
import type { Gap } from "./gap.ts";
import { openSpool } from "./index.ts";
import { Ledger } from "./ledger.ts";
import { readPayload, scanRecords } from "../journal/index.ts";
import { MemoryDisk } from "../journal/memory-disk.fixture.ts";

const DIR = "/spool";
const SERIES = 6;
const BYTES_MAX = 1_048_576;

let warnings = 0;
const log = pino({ level: "warn", hooks: { logMethod: () => void (warnings += 1) } });

function open(disk: MemoryDisk, bytesMax = BYTES_MAX) {
  return openSpool({
    dir: DIR,
    bytesMax,
    clock: systemClock,
    log,
    onGap: async () => undefined,
    disk,
    bucketMs: 0,
  });
}

const layouts = new Map<string, SeriesList>();
function batch(device: string, takenAtMs: number, count = SERIES): SampleBatch {
  const known = layouts.get(`${device}/${count}`);
  const series =
    known ?? listOf(Array.from({ length: count }, (_, id) => ({ name: "m", labels: { device, n: `${id}` } })));
  layouts.set(`${device}/${count}`, series);
  return { device, takenAtMs, series, values: Float64Array.from(series, ({ id }) => takenAtMs * 3 + id / 8) };
}

/** Three records in a raw file, two layouts. */
async function rawFiles(): Promise<{ sealed: MemoryDisk; killed: MemoryDisk }> {
  const disk = new MemoryDisk();
  const spool = open(disk);
  for (const time of [1, 2, 3]) await spool.append(batch(time === 2 ? "sw2" : "sw1", time));
  const killed = disk.copy();
  spool.close();
  return { sealed: disk, killed };
}

/** Everything that a spool on this disk gives, checked against what was appended, and what it tells as lost. */
function whatIsLeft(disk: MemoryDisk): { samples: number; gaps: Gap[]; noticed: boolean } {
  warnings = 0;
  const spool = open(disk);
  const batches = spool.take(1_000_000).flatMap((block) => block.batches);
  for (const { takenAtMs, series, values } of batches) {
    for (const { id, labels } of series) expect(values[id]).toBe(takenAtMs * 3 + Number(labels["n"]) / 8);
  }
  const samples = batches.reduce((sum, { values }) => sum + values.length, 0);
  const noticed = warnings > 0;
  spool.close();
  const gaps = new Ledger({ disk, dir: DIR }).gapsToTell();
  return { samples, gaps, noticed: noticed || gaps.length > 0 };
}

function lost(gaps: Gap[]): number {
  return gaps.reduce((sum, gap) => sum + gap.samples, 0);
}

function* everyFlip(disk: MemoryDisk, path: string): Generator<{ damaged: MemoryDisk; what: string }> {
  const bits = 8 * disk.sizeOf(path);
  for (let bit = 0; bit < bits; bit += 1) {
    const damaged = disk.copy();
    damaged.files.get(path)![bit >> 3]! ^= 1 << (bit & 7);
    yield { damaged, what: `${path} bit ${bit}` };
  }
}

function* everyCut(disk: MemoryDisk, path: string): Generator<{ damaged: MemoryDisk; what: string }> {
  for (let bytes = 0; bytes < disk.sizeOf(path); bytes += 1) {
    const damaged = disk.copy();
    damaged.files.set(path, damaged.files.get(path)!.slice(0, bytes));
    yield { damaged, what: `${path} cut to ${bytes}` };
  }
}

function fileOf(disk: MemoryDisk, ending: string): string {
  return [...disk.files.keys()].find((path) => path.endsWith(ending))!;
}

test("every bit of every record flipped: it is noticed, its own samples are counted, all others are there", async () => {
  const { sealed, killed } = await rawFiles();
  for (const { damaged, what } of everyFlip(sealed, fileOf(sealed, ".raw"))) {
    const { samples, gaps } = whatIsLeft(damaged);
    expect([what, samples, lost(gaps)]).toEqual([what, 2 * SERIES, SERIES]);
  }
  for (const { damaged, what } of everyFlip(killed, fileOf(killed, ".raw"))) {
    const { samples, noticed } = whatIsLeft(damaged);
    expect([what, samples, noticed]).toEqual([what, 2 * SERIES, true]);
  }
});

test("a file cut at every byte: what is whole before the cut is there, the rest is counted", async () => {
  const { sealed, killed } = await rawFiles();
  for (const { damaged, what } of everyCut(sealed, fileOf(sealed, ".raw"))) {
    const { samples, gaps } = whatIsLeft(damaged);
    expect([what, samples + lost(gaps)]).toEqual([what, 3 * SERIES]);
  }
  for (const { damaged, what } of everyCut(killed, fileOf(killed, ".raw"))) {
    const bytes = damaged.sizeOf(fileOf(damaged, ".raw"));
    const { samples } = whatIsLeft(damaged);
    expect([what, samples]).toEqual([what, SERIES * Math.floor((3 * bytes) / killed.sizeOf(fileOf(killed, ".raw")))]);
  }
});

test("names are healed from their second copy, whatever happens to one", async () => {
  const { sealed } = await rawFiles();
  for (const copy of ["names-a.log", "names-b.log"]) {
    for (const damage of [everyFlip, everyCut]) {
      for (const { damaged, what } of damage(sealed, `${DIR}/${copy}`)) {
        const { samples, gaps, noticed } = whatIsLeft(damaged);
        expect([what, samples, lost(gaps), noticed]).toEqual([what, 3 * SERIES, 0, true]);
        expect(damaged.files.get(`${DIR}/names-a.log`)).toEqual(damaged.files.get(`${DIR}/names-b.log`));
      }
    }
  }
});

test("names that both copies lost cost their samples, and they are counted", async () => {
  const { sealed } = await rawFiles();
  for (const copy of ["names-a.log", "names-b.log"]) sealed.files.get(`${DIR}/${copy}`)![70]! ^= 1;
  const { samples, gaps } = whatIsLeft(sealed);
  expect([samples, lost(gaps)]).toEqual([SERIES, 2 * SERIES]);
});

test("a damaged ledger costs no sample", async () => {
  const { sealed } = await rawFiles();
  const path = `${DIR}/ledger.log`;
  for (const { damaged, what } of [...everyFlip(sealed, path), ...everyCut(sealed, path)]) {
    const { samples } = whatIsLeft(damaged);
    expect([what, samples]).toEqual([what, 3 * SERIES]);
  }
});

/** One compacted file of two records, and nothing else. */
async function compactedFile(): Promise<{ disk: MemoryDisk; path: string; samples: number }> {
  const disk = new MemoryDisk();
  const spool = open(disk, 4 * BYTES_MAX);
  const [polls, series] = [150, 100];
  for (const device of ["sw1", "sw2"]) {
    for (let time = 1; time <= polls; time += 1) await spool.append(batch(device, time, series));
  }
  while (![...disk.files.keys()].some((path) => path.endsWith(".blk"))) {
    await spool.append(batch("sw3", 1, 1));
    await Bun.sleep(1);
  }
  spool.close();
  const path = fileOf(disk, ".blk");
  for (const raw of [...disk.files.keys()].filter((name) => name.endsWith(".raw"))) disk.files.delete(raw);
  disk.files.delete(`${DIR}/ledger.log`);
  const reopened = open(disk);
  reopened.close();
  const samples = whatIsLeft(disk.copy()).samples;
  return { disk, path, samples };
}

test("every bit of a compacted file flipped, and every cut: the records that it hits are not read, all others are", async () => {
  const { disk, path } = await compactedFile();
  const bytes = disk.files.get(path)!;
  const whole = recordsIn(disk, path);
  expect(whole.length).toBeGreaterThan(1);
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const at = bit >> 3;
    expect(recordsIn(disk, path)).toEqual(whole.filter(({ from, to }) => at < from || at >= to));
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  for (let length = 0; length < bytes.length; length += 1) {
    disk.files.set(path, bytes.slice(0, length));
    expect(recordsIn(disk, path)).toEqual(whole.filter(({ to }) => to <= length));
  }
});

/** The records of a file that are as they were written. */
function recordsIn(disk: MemoryDisk, path: string): { from: number; to: number; id: number }[] {
  const file = disk.open(path);
  const found = scanRecords(file, disk.sizeOf(path)).records;
  const whole = found.filter((record) => readPayload(file, record) !== undefined);
  return whole.map(({ offset, bytes, id }) => ({ from: offset, to: offset + bytes, id }));
}

test("a spool with a damaged compacted file starts, counts what the damage costs, and gives the rest", async () => {
  const { disk, path, samples } = await compactedFile();
  for (let at = 0; at < disk.sizeOf(path); at += 13) {
    const damaged = disk.copy();
    damaged.files.get(path)![at]! ^= 1 << (at % 8);
    const { samples: left, gaps } = whatIsLeft(damaged);
    expect([at, left + lost(gaps)]).toEqual([at, samples]);
    expect(lost(gaps)).toBeLessThanOrEqual(16_384);
    expect(lost(gaps)).toBeGreaterThan(0);
  }
});

test("a file that vanished is told with its samples", async () => {
  const { sealed } = await rawFiles();
  sealed.files.delete(fileOf(sealed, ".raw"));
  expect(lost(whatIsLeft(sealed).gaps)).toBe(3 * SERIES);
});
