import { pino } from "pino";
import { systemClock } from "../../collector/clock.ts";
import { MemoryDisk } from "../../collector/journal/memory-disk.fixture.ts";
import { listOf } from "../../collector/sample/index.ts";
import { openSpool, type Spool } from "../../collector/spool/index.ts";
import { judged, type Report } from "./report.ts";

const DIR = "/spool";
const BYTES_MAX = 4_194_304;
const POLLS = 150;
const SERIES = 100;
const VIOLATIONS_MAX = 20;
const COMPACTED_WITHIN_MS = 10_000;

let warnings = 0;
const log = pino({ level: "warn", hooks: { logMethod: () => void (warnings += 1) } }, { write: () => undefined });

/** Every bit of a compacted file turned and every cut of it, each under a spool of its own. */
export async function damageScenario(): Promise<Report> {
  const { disk, path, samples } = await compactedFile();
  const violations: string[] = [];
  let damages = 0;
  const tryOut = (what: string, change: (bytes: Uint8Array) => Uint8Array): void => {
    damages += 1;
    const damaged = disk.copy();
    damaged.files.set(path, change(damaged.files.get(path) ?? new Uint8Array(0)));
    warnings = 0;
    const spool = open(damaged);
    const left = samplesOf(spool);
    spool.close();
    if ((left === samples || warnings === 0) && violations.length < VIOLATIONS_MAX)
      violations.push(`${what}: ${left} of ${samples} samples are left, ${warnings} warnings`);
  };
  const size = disk.sizeOf(path);
  for (let bit = 0; bit < 8 * size; bit += 1) {
    tryOut(`bit ${bit} of ${size} bytes`, (bytes) => {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return bytes;
    });
  }
  for (let length = 0; length < size; length += 1) tryOut(`cut to ${length} of ${size}`, (all) => all.slice(0, length));
  const rows = [
    { subject: "file", metric: "size", value: size, unit: "B" },
    { subject: "file", metric: "damages tried", value: damages, unit: "", atLeast: 9 * size },
  ];
  return judged("damage", rows, violations);
}

function open(disk: MemoryDisk): Spool {
  return openSpool({
    dir: DIR,
    bytesMax: BYTES_MAX,
    clock: systemClock,
    log,
    onGap: async () => undefined,
    disk,
    bucketMs: 0,
  });
}

/** Throws when a value is not the one that was appended. */
function samplesOf(spool: Spool): number {
  let samples = 0;
  for (const { takenAtMs, values } of spool.take(Number.MAX_SAFE_INTEGER).flatMap((block) => block.batches)) {
    for (const [index, value] of values.entries()) {
      if (value !== valueAt(takenAtMs, index)) throw new Error(`sample ${index} of ${takenAtMs} is ${value}`);
    }
    samples += values.length;
  }
  return samples;
}

function valueAt(time: number, index: number): number {
  return time * 3 + index / 8;
}

/** A spool whose samples are in one compacted file alone. */
async function compactedFile(): Promise<{ disk: MemoryDisk; path: string; samples: number }> {
  const disk = new MemoryDisk();
  const spool = open(disk);
  const series = listOf(Array.from({ length: SERIES }, (_, id) => ({ name: "m", labels: { n: String(id) } })));
  const values = (time: number): Float64Array => Float64Array.from(series, ({ id }) => valueAt(time, id));
  for (const device of ["sw1", "sw2", "sw3"]) {
    for (let time = 1; time <= POLLS; time += 1) {
      await spool.append({ device, takenAtMs: time, series, values: values(time) });
    }
  }
  const files = (): string[] => [...disk.files.keys()];
  for (const from = performance.now(); !files().some((file) => file.endsWith(".blk")); await Bun.sleep(5)) {
    if (performance.now() - from > COMPACTED_WITHIN_MS) throw new Error("nothing was compacted");
  }
  spool.close();
  for (const file of files().filter((name) => name.endsWith(".raw") || name.endsWith("ledger.log")))
    disk.files.delete(file);
  const again = open(disk);
  const samples = samplesOf(again);
  again.close();
  return { disk, path: files().find((file) => file.endsWith(".blk")) ?? "", samples };
}
