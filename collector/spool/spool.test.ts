import { Database } from "bun:sqlite";
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemClock } from "../clock.ts";
import type { SampleBatch, Series } from "../sample/sample.ts";
import { type Gap, openSpool, type Spool, type SpoolOptions } from "./index.ts";

setDefaultTimeout(30_000);

const log = pino({ level: "silent" });
const open: Spool[] = [];
afterEach(() => {
  for (const spool of open.splice(0)) spool.close();
});

function start(options: Partial<SpoolOptions> = {}): { spool: Spool; dir: string; gaps: Gap[] } {
  const gaps: Gap[] = [];
  const dir = options.dir ?? scratchDir("spool");
  const spool = openSpool({
    dir,
    bytesMax: 10_000_000,
    clock: systemClock,
    log,
    bucketMs: 5,
    onGap: async (gap) => {
      gaps.push(gap);
    },
    ...options,
  });
  open.push(spool);
  return { spool, dir, gaps };
}

function stop(spool: Spool): void {
  open.splice(open.indexOf(spool), 1);
  spool.close();
}

const interned = new Map<string, Series>();
function series(device: string, index: number): Series {
  const key = `${device}/${index}`;
  const known = interned.get(key);
  if (known) return known;
  const made = { id: interned.size, name: "if_in_octets_total", labels: { interface: `Te1/${index}`, device } };
  interned.set(key, made);
  return made;
}

function batch(device: string, takenAtMs: number, count = 10): SampleBatch {
  return {
    device,
    takenAtMs,
    series: Array.from({ length: count }, (_, index) => series(device, index)),
    values: Float64Array.from({ length: count }, (_, index) => takenAtMs * 1.1 + index),
  };
}

/** Bytes that no compressor makes smaller, so that budgets are reached. */
function noise(device: string, takenAtMs: number): SampleBatch {
  return { ...batch(device, takenAtMs, 1_000), values: Float64Array.from({ length: 1_000 }, () => Math.random()) };
}

test("what was appended comes back after a restart with the same names, labels, times and values", async () => {
  const { spool, dir } = start();
  const one = batch("sw1", 1_000);
  one.values.set([Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** 53, 5e-324], 0);
  await Promise.all([spool.append(one), spool.append(batch("sw2", 1_001))]);
  stop(spool);

  const again = start({ dir }).spool;
  expect(again.pending()).toMatchObject({ blocks: 1, samples: 20 });
  const [block] = again.take(100);
  expect(block?.batches.map((b) => b.takenAtMs)).toEqual([1_000, 1_001]);
  expect(block?.batches[0]?.series.map((s) => [s.name, s.labels])).toEqual(one.series.map((s) => [s.name, s.labels]));
  expect([...(block?.batches[0]?.values ?? [])]).toEqual([...one.values]);
});

test("takes the newest block first, and none twice until it is released", async () => {
  const { spool } = start();
  for (const time of [1, 2, 3]) await spool.append(batch("sw1", time));
  const first = spool.take(10);
  expect(first.map((b) => b.batches[0]?.takenAtMs)).toEqual([3]);
  expect(spool.take(20).map((b) => b.batches[0]?.takenAtMs)).toEqual([2, 1]);
  expect(spool.take(10)).toEqual([]);
  spool.release(first.map((b) => b.id));
  expect(spool.take(10).map((b) => b.batches[0]?.takenAtMs)).toEqual([3]);
});

test("an acknowledged block is gone, also after a restart", async () => {
  const { spool, dir } = start();
  await spool.append(batch("sw1", 1));
  await spool.append(batch("sw1", 2));
  await spool.ack(spool.take(10).map((b) => b.id));
  expect(spool.pending()).toMatchObject({ blocks: 1, samples: 10 });
  stop(spool);
  const left = start({ dir }).spool.take(100);
  expect(left.map((b) => b.batches[0]?.takenAtMs)).toEqual([1]);
});

test("blocks sent shortly before a store crashed can be sent again", async () => {
  const { spool } = start();
  await spool.append(batch("sw1", 1));
  const before = systemClock.nowMs();
  await spool.ack(spool.take(10).map((b) => b.id));
  expect(spool.take(10)).toEqual([]);
  await spool.requeueSent({ fromMs: before, toMs: systemClock.nowMs() });
  expect(spool.take(10).length).toBe(1);
});

test("drops the oldest blocks when full, counts every one of their samples as a gap, and keeps to its budget", async () => {
  const { spool, gaps } = start({ bytesMax: 100_000 });
  for (let time = 1; time <= 30; time += 1) await spool.append(noise("sw1", time));
  const kept = spool.pending();
  expect(kept.bytes).toBeLessThanOrEqual(100_000);
  expect(spool.take(1).map((b) => b.batches[0]?.takenAtMs)).toEqual([30]);
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps).toEqual([
    {
      id: 1,
      reason: "full",
      detail: expect.stringContaining("100000"),
      fromMs: 1,
      toMs: 30 - kept.blocks,
      samples: 30_000 - kept.samples,
    },
  ]);
});

test("a gap that nobody took is told again after a restart", async () => {
  const { spool, dir } = start({
    bytesMax: 20_000,
    onGap: () => Promise.reject(new Error("outbox is full")),
  });
  for (let time = 1; time <= 5; time += 1) await spool.append(noise("sw1", time));
  await Bun.sleep(1_200);
  stop(spool);
  const { gaps } = start({ dir });
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps.map((gap) => [gap.reason, gap.fromMs])).toEqual([["full", 1]]);
});

test("a quarantined block lets the others flow and is told as a gap with the store's reason", async () => {
  const { spool, gaps } = start();
  await spool.append(batch("sw1", 1));
  await spool.append(batch("sw1", 2));
  const [newest] = spool.take(10);
  await spool.quarantine(newest!.id, "400: label too long");
  expect(spool.pending()).toMatchObject({ blocks: 1, quarantinedBlocks: 1 });
  expect(spool.take(10).map((b) => b.batches[0]?.takenAtMs)).toEqual([1]);
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps.map((gap) => [gap.reason, gap.detail, gap.samples])).toEqual([["rejected", "400: label too long", 10]]);
});

test("damage to a row costs that row's samples alone, and is told", async () => {
  const { spool, dir } = start();
  for (const time of [1, 2, 3]) await spool.append(batch("sw1", time));
  stop(spool);
  const db = new Database(join(dir, "spool.sqlite"));
  const row = db.query<{ data: Uint8Array }, []>("select data from block where id = 2").get();
  row!.data[20]! ^= 4;
  db.query("update block set data = ? where id = 2").run(row!.data);
  db.close();

  const { spool: again, gaps } = start({ dir });
  expect(again.take(100).map((b) => b.batches[0]?.takenAtMs)).toEqual([3, 1]);
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps).toMatchObject([{ reason: "damaged", fromMs: 2, toMs: 2, samples: 10 }]);
});

test("a damaged series name costs its samples alone", async () => {
  const { spool, dir } = start();
  await spool.append(batch("sw1", 1));
  stop(spool);
  const db = new Database(join(dir, "spool.sqlite"));
  db.run("update series set labels = replace(labels, 'Te1/3', 'Te1/7') where labels like '%Te1/3%'");
  db.close();
  const { spool: again, gaps } = start({ dir });
  expect(again.take(100)[0]?.batches[0]?.series.map((s) => s.labels["interface"])).toEqual(
    [0, 1, 2, 4, 5, 6, 7, 8, 9].map((index) => `Te1/${index}`),
  );
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps).toMatchObject([{ reason: "damaged", samples: 1 }]);
});

test("a file that is no database is set aside and a new spool is begun", async () => {
  const dir = scratchDir("spool");
  writeFileSync(join(dir, "spool.sqlite"), "this was a database once".repeat(500));
  const { spool } = start({ dir });
  await spool.append(batch("sw1", 1));
  expect(spool.take(10).length).toBe(1);
  expect([...new Bun.Glob("*.damaged-*").scanSync(dir)].length).toBe(1);
});

test("a second collector on the same folder is refused", async () => {
  const { spool, dir } = start();
  await spool.append(batch("sw1", 1));
  expect(() => start({ dir })).toThrow(/spool\.sqlite/);
});

test("series beyond the limit are told as a gap while known series flow on", async () => {
  const { spool, gaps } = start({ seriesMax: 10 });
  await spool.append(batch("sw1", 1));
  await Promise.all([spool.append(batch("sw1", 2)), spool.append(batch("sw2", 2))]);
  expect(spool.pending().samples).toBe(20);
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps).toMatchObject([{ reason: "full", samples: 10 }]);
});

test("killed at any instant, it has every sample whose append had resolved", async () => {
  const dir = scratchDir("spool");
  const child = Bun.spawn([process.execPath, fileURLToPath(import.meta.resolve("./append-forever.fixture.ts")), dir], {
    stdout: "pipe",
  });
  let acknowledged = 0;
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  while (acknowledged < 40) {
    const { value, done } = await reader.read();
    if (done) break;
    acknowledged = Math.max(acknowledged, ...decoder.decode(value).trim().split("\n").map(Number));
  }
  child.kill("SIGKILL");
  await child.exited;
  const times = start({ dir })
    .spool.take(1_000_000)
    .flatMap((block) => block.batches.map((b) => b.takenAtMs));
  expect(new Set(times).size).toBe(times.length);
  for (let time = 1; time <= acknowledged; time += 1) expect(times).toContain(time);
});

test("a disk that refuses writes loses what it refused, tells it once it writes again, and nothing else", async () => {
  const dir = scratchDir("spool");
  const fixture = fileURLToPath(import.meta.resolve("./limited-disk.fixture.ts"));
  // Soft limit on file size in blocks of 1 KiB; the signal that goes with it is ignored, so that writes fail instead.
  const script = `trap '' XFSZ; ulimit -S -f 1024; exec "$@"`;
  const child = Bun.spawn(["bash", "-c", script, "bash", process.execPath, fixture, dir], { stdout: "pipe" });
  const seen = new Map<string, number[][]>();
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [word = "", ...numbers] = line.split(" ");
      seen.set(word, [...(seen.get(word) ?? []), numbers.map(Number)]);
    }
    const failed = seen.get("failed") ?? [];
    if (failed.length === 3) Bun.spawnSync(["prlimit", "--pid", String(child.pid), "--fsize=unlimited"]);
    if (seen.has("gap")) break;
  }
  child.kill("SIGKILL");
  await child.exited;
  const failed = (seen.get("failed") ?? []).map(([time]) => time!);
  const ok = (seen.get("ok") ?? []).map(([time]) => time!);
  expect(failed.length).toBeGreaterThanOrEqual(3);
  const [, samples, from, to] = seen.get("gap")![0]!;
  expect([samples, from, to]).toEqual([failed.length * 500, Math.min(...failed), Math.max(...failed)]);
  const { spool } = start({ dir, bytesMax: 1_000_000_000 });
  const kept = new Set<number>();
  for (let i = 0; i < 100; i += 1) {
    for (const block of spool.take(1_000_000)) for (const { takenAtMs } of block.batches) kept.add(takenAtMs);
  }
  expect(ok.filter((time) => !kept.has(time))).toEqual([]);
  expect(failed.filter((time) => kept.has(time))).toEqual([]);
});

test("starts and takes samples again however its file was cut or overwritten", async () => {
  const { spool, dir } = start();
  for (let time = 1; time <= 40; time += 1) await spool.append(noise(`sw${time % 7}`, time));
  stop(spool);
  const whole = readFileSync(join(dir, "spool.sqlite"));
  const pages = whole.length / 4_096;
  for (let round = 0; round < 16; round += 1) {
    const damaged = Buffer.from(round < 8 ? whole.subarray(0, Math.floor((whole.length * round) / 8)) : whole);
    if (round >= 8)
      damaged.fill(
        0xa5,
        Math.floor((pages * (round - 8)) / 8) * 4_096,
        (Math.floor((pages * (round - 8)) / 8) + 2) * 4_096,
      );
    const scratch = scratchDir("spool");
    writeFileSync(join(scratch, "spool.sqlite"), damaged);
    const again = start({ dir: scratch }).spool;
    await again.append(batch("fresh", 1_000));
    const times = again.take(1_000_000).flatMap((block) => block.batches.map((b) => b.takenAtMs));
    expect(times).toContain(1_000);
    stop(again);
  }
});
