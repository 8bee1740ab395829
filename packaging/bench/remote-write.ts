import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@watchpost/collector/clock.ts";
import { createBodyMaker } from "@watchpost/collector/remote-write/body.ts";
import { createShipper, directTarget } from "@watchpost/collector/remote-write/index.ts";
import { openSpool } from "@watchpost/collector/spool/index.ts";
import { freePort } from "@watchpost/db/embedded";
import pino from "pino";
import { cpuMeter, cpuMsOf } from "./meter.ts";
import { multiply, type Recording, record, samplesIn } from "./recording.ts";
import { benchOptions } from "./report.ts";
import { Result } from "./result.ts";
import { checkStored, startStore } from "./store.ts";

const INTERVAL_MS = 60_000;
const DEADLINE_MS = 60_000;

const options = benchOptions(process.argv.slice(2));
const result = new Result("remote-write");
const dir = mkdtempSync(join(tmpdir(), "watchpost-bench-remote-write-"));

/** Requests of live polls and of backlog, made again and again: no disk, no network. */
function encoding(recording: Recording): void {
  const bodies = createBodyMaker({ site: "bench", collector: "bench" });
  const rounds = recording.slice(1);
  const samples = samplesIn(rounds);
  bodies.make(recording[0] ?? [], "snappy");
  const subjects = [
    { name: "encode live (template)", requests: rounds, compression: "snappy" },
    { name: "encode backlog (snappy)", requests: byDevice(rounds), compression: "snappy" },
    { name: "encode backlog (zstd)", requests: byDevice(rounds), compression: "zstd" },
  ] as const;
  for (const { name, requests, compression } of subjects) {
    const cpuMs = cpuMeter();
    let bytes = 0;
    for (const batches of requests) bytes += bodies.make(batches, compression).length;
    result.add(name, "CPU per 100k samples", (cpuMs() / samples) * 100_000, "ms");
    result.add(name, "bytes per sample", bytes / samples, "B");
  }
}

/** What a backlog's requests hold: all polls of a device. */
function byDevice(recording: Recording): Recording {
  return [...Map.groupBy(recording.flat(), (batch) => batch.device).values()];
}

/** The whole of our way: append, sync, template, request, acknowledgement. */
async function ourWay(recording: Recording): Promise<void> {
  const store = await startStore(join(dir, "store-of-ours"));
  const log = pino({ level: "error" });
  const spool = openSpool({
    dir: join(dir, "spool"),
    bytesMax: 1e9,
    clock: systemClock,
    log,
    onGap: async () => undefined,
  });
  const url = `${store.url}/api/v1/write`;
  const target = directTarget({ url, site: "bench", collectorId: "bench", timeoutMs: 30_000 });
  const shipper = createShipper({ spool, target, clock: systemClock, random: Math.random, log });
  shipper.start();
  const [first = [], ...rounds] = recording;
  await Promise.all(first.map((batch) => spool.append(batch)));
  await until(() => spool.pending().samples === 0);
  const cpuMs = cpuMeter();
  for (const round of rounds) {
    await Promise.all(round.map((batch) => spool.append(batch)));
    await until(() => spool.pending().samples === 0);
  }
  result.add("collector: append to stored", "CPU per 100k samples", (cpuMs() / samplesIn(rounds)) * 100_000, "ms");
  await shipper.stop();
  await check(store.url, recording);
  spool.close();
  await store.stop();
}

/** The same samples through vmagent, given to it in the form that costs it least: remote write. */
async function vmagentsWay(recording: Recording): Promise<void> {
  const command = Bun.which("vmagent");
  if (command === null) {
    process.stderr.write("vmagent is not on PATH; install it to compare (Debian: victoria-metrics)\n");
    return;
  }
  const store = await startStore(join(dir, "store-of-vmagent"));
  const port = await freePort();
  const flags = [`-remoteWrite.url=${store.url}/api/v1/write`, `-remoteWrite.tmpDataPath=${join(dir, "vmagent")}`];
  const agent = Bun.spawn([command, ...flags, `-httpListenAddr=127.0.0.1:${port}`], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await until(() =>
      fetch(`${url}/health`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
    const bodies = createBodyMaker({ site: "bench", collector: "bench" });
    const [first = [], ...rounds] = recording;
    await post(`${url}/api/v1/write`, bodies.make(first, "snappy"));
    await until(async () => (await metric(url, "vmagent_remotewrite_requests_total")) > 0);
    const before = { cpuMs: cpuMsOf(agent.pid), bytes: await metric(url, "vmagent_remotewrite_bytes_sent_total") };
    for (const round of rounds) await post(`${url}/api/v1/write`, bodies.make(round, "snappy"));
    await until(async () => (await storedRows(store.url)) >= samplesIn(recording));
    const samples = samplesIn(rounds);
    const bytes = (await metric(url, "vmagent_remotewrite_bytes_sent_total")) - before.bytes;
    result.add(
      "vmagent: taken to stored",
      "CPU per 100k samples",
      ((cpuMsOf(agent.pid) - before.cpuMs) / samples) * 100_000,
      "ms",
    );
    result.add("vmagent: taken to stored", "bytes per sample", bytes / samples, "B");
    await check(store.url, recording);
  } finally {
    agent.kill();
    await agent.exited;
    await store.stop();
  }
}

async function post(url: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };
  const answer = await fetch(url, { method: "POST", body, headers });
  result.check(answer.ok, `${url} answered ${answer.status}`);
}

/** Sum of a metric over its labels. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

async function storedRows(url: string): Promise<number> {
  return metric(url, 'vm_rows_inserted_total{type="promremotewrite"');
}

async function check(url: string, recording: Recording): Promise<void> {
  const device = recording[0]?.[0]?.device ?? "";
  await checkStored(result, { url, site: "bench", device, batches: recording.flat() });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${condition.toString()}`);
    await Bun.sleep(20);
  }
}

try {
  const rounds = options.quick ? 6 : 16;
  const recording = await record({ dir: join(dir, "lab"), seed: 7, rounds, intervalMs: INTERVAL_MS });
  const wide = multiply(recording, options.quick ? 4 : 12);
  encoding(wide);
  await ourWay(wide);
  await vmagentsWay(wide);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
result.finish(options);
