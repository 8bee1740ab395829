import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemClock } from "../clock.ts";
import { listOf, type SampleBatch } from "../sample/index.ts";
import { type Disk, systemDisk } from "../journal/index.ts";
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

function batch(device: string, takenAtMs: number, count = 10): SampleBatch {
  return {
    device,
    takenAtMs,
    series: listOf(
      Array.from({ length: count }, (_, index) => {
        return { name: "if_in_octets_total", labels: { interface: `Te1/${index}`, device } };
      }),
    ),
    values: Float64Array.from({ length: count }, (_, index) => takenAtMs * 1.1 + index),
  };
}

/** Bytes that no compressor makes smaller, so that budgets are reached. */
function noise(device: string, takenAtMs: number): SampleBatch {
  return { ...batch(device, takenAtMs, 1_000), values: Float64Array.from({ length: 1_000 }, () => Math.random()) };
}

async function until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await Bun.sleep(10);
  }
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
  expect([...(block?.batches[0]?.series ?? [])]).toEqual([...one.series]);
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

test("what was sent shortly before a store went away is kept however long it is away, and sent again when it began anew", async () => {
  let nowMs = Date.now();
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const { spool } = start({ clock, bytesMax: 40_000 * 32 });
  await spool.append(noise("sw1", 1));
  await spool.ack(spool.take(1_000).map((b) => b.id));
  await spool.meetStore(1_000);
  for (let minute = 0; minute < 60; minute += 1) {
    nowMs += 60_000;
    await spool.append(noise("sw1", nowMs));
  }
  await spool.meetStore(4_600);
  const again = new Set<number>();
  // What is being compacted is not given out meanwhile.
  await until(() => {
    for (const { batches } of spool.take(1_000_000)) for (const { takenAtMs } of batches) again.add(takenAtMs);
    return spool.pending().samples === 1_000 * again.size;
  });
  expect([again.has(1), again.size]).toEqual([true, 61]);
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
      toMs: 30 - kept.samples / 1_000,
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

test("a second collector on the same folder is refused", async () => {
  const { spool, dir } = start();
  await spool.append(batch("sw1", 1));
  expect(() => start({ dir })).toThrow(/held by another process/);
});

test("series beyond the limit are told as a gap while known series flow on", async () => {
  const { spool, gaps } = start({ seriesMax: 10 });
  await spool.append(batch("sw1", 1));
  await Promise.all([spool.append(batch("sw1", 2)), spool.append(batch("sw2", 2))]);
  expect(spool.pending().samples).toBe(20);
  for (let i = 0; i < 300 && gaps.length === 0; i += 1) await Bun.sleep(10);
  expect(gaps).toMatchObject([{ reason: "full", samples: 10 }]);
});

test("names that no device shows any more make room once nothing waits", async () => {
  const { spool } = start({ seriesMax: 20 });
  for (const count of [1, 2, 3, 4, 5]) await spool.append(batch("sw1", count, count));
  await spool.ack(spool.take(100).map(({ id }) => id));
  await spool.append(batch("sw1", 6, 6));
  expect(spool.take(100).map(({ samples }) => samples)).toEqual([6]);
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

test("what is left waiting is made small, and comes back to the bit", async () => {
  const { spool, dir } = start({ bytesMax: 1_048_576 });
  const appended = new Map<number, number[]>();
  for (let time = 1; time <= 300; time += 1) {
    const one = batch("sw1", time * 1_000, 100);
    one.values.set([time % 7, 2 ** 53 - time, time / 3, -0, Number.NaN], 0);
    appended.set(time * 1_000, [...one.values]);
    await spool.append(one);
  }
  await until(() => spool.pending().bytes < 160_000);
  expect(spool.pending().samples).toBe(30_000);
  stop(spool);
  const again = start({ dir }).spool;
  const newest = again.take(1)[0]!;
  expect(newest.batches.at(-1)?.takenAtMs).toBe(300_000);
  const found = [newest, ...again.take(1_000_000)].flatMap((block) => block.batches);
  expect(found.length).toBe(300);
  for (const { takenAtMs, values } of found) expect([...values]).toEqual(appended.get(takenAtMs)!);
});

test("a block put aside stays aside when its neighbours are made small", async () => {
  const { spool, dir } = start({ bytesMax: 1_048_576 });
  await spool.append(batch("bad", 1));
  await spool.quarantine(spool.take(10)[0]!.id, "400");
  for (let time = 2; time <= 300; time += 1) await spool.append(batch("sw1", time, 100));
  await until(() => spool.pending().bytes < 160_000);
  expect(spool.pending()).toMatchObject({ samples: 29_900, quarantinedBlocks: 1 });
  stop(spool);
  expect(start({ dir }).spool.pending()).toMatchObject({ samples: 29_900, quarantinedBlocks: 1 });
});

test("leaves to others what must stay free on the disk, and says so", async () => {
  let freeBytes = 1e9;
  const disk: Disk = { ...systemDisk, space: () => ({ freeBytes, totalBytes: 1e10 }) };
  const clock = { nowMs: Date.now, monotonicMs: () => performance.now() * 1_000 };
  const { spool, gaps } = start({ disk, clock, freeBytesMin: 1e6, bytesMax: 1_048_576 });
  for (let time = 1; time <= 10; time += 1) await spool.append(noise("sw1", time));
  freeBytes = 980_000;
  await spool.append(noise("sw1", 11)).catch((error: unknown) => expect(String(error)).toContain("freeBytesMin"));
  expect(spool.pending().samples).toBeLessThan(11_000);
  freeBytes = 1e9;
  await spool.append(noise("sw1", 12));
  await until(
    () => gaps.length > 0 && gaps.reduce((sum, gap) => sum + gap.samples, 0) + spool.pending().samples === 12_000,
  );
});
