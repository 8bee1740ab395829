/**
 * bun run bench:traps [-- --quick --json FILE]: how many traps a second the receiver takes with each one accounted for,
 * and how long an inform waits until its event is on disk. Exits 1 when one trap is neither counted nor told as dropped.
 */
import { join } from "node:path";
import { benchOptions, type Row, report } from "./report.ts";
import { COMMUNITY } from "./traps/message.ts";
import { openReceiver } from "./traps/receiver.ts";
import type { SenderOrder, SenderResult } from "./traps/sender.ts";

const SOURCES = 20;
const INFORMS_PER_SECOND = 100;
const SETTLE_MS_MAX = 5_000;

const options = benchOptions(process.argv.slice(2));
const seconds = options.quick ? 3 : 10;
const rows: Row[] = [];
let unaccounted = 0;

for (const [what, rate] of [
  ["traps", 10_000],
  ["sealed-traps", 10_000],
  ["traps", 30_000],
] as const)
  await sustained(what, rate);
await informs(options.quick ? 100 : 500);
report("traps", rows, options);
if (unaccounted !== 0) {
  process.stderr.write(`${unaccounted} traps were neither received nor counted as dropped\n`);
  process.exitCode = 1;
}

async function sustained(what: "traps" | "sealed-traps", ratePerSecond: number): Promise<void> {
  const sources = Array.from({ length: SOURCES }, (_, i) => `127.3.0.${i + 1}`);
  const { receiver, stop, outbox } = await openReceiver(sources, [COMMUNITY]);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const { sent } = await send({ what, port: receiver.port, ratePerSecond, seconds, sources });
  const accounted = () => receiver.counters.received + receiver.kernelDrops();
  const settleUntilMs = performance.now() + SETTLE_MS_MAX;
  while (accounted() < sent && performance.now() < settleUntilMs) await Bun.sleep(10);
  const tookSeconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const { received, traps } = receiver.counters;
  unaccounted += Math.abs(sent - accounted());
  const subject = `${what === "traps" ? "v2c" : "v3 SHA-256/AES-128"} at ${ratePerSecond.toLocaleString("en")}/s`;
  rows.push(
    { subject, metric: "sent", value: sent, unit: "traps" },
    { subject, metric: "understood", value: traps, unit: "traps" },
    { subject, metric: "refused or malformed", value: received - traps, unit: "traps" },
    { subject, metric: "dropped by the kernel", value: receiver.kernelDrops(), unit: "traps" },
    { subject, metric: "unaccounted", value: sent - accounted(), unit: "traps" },
    { subject, metric: "rate with start of the sender", value: Math.round(sent / tookSeconds), unit: "traps/s" },
    { subject, metric: "CPU", value: (user + system) / traps, unit: "us/trap" },
    { subject, metric: "events kept", value: outbox.pending().events, unit: "events" },
  );
  await stop();
}

async function informs(count: number): Promise<void> {
  const sources = Array.from({ length: count }, (_, i) => `127.3.${1 + Math.floor(i / 250)}.${(i % 250) + 1}`);
  const { receiver, stop } = await openReceiver(sources, [COMMUNITY]);
  const order = {
    what: "informs" as const,
    port: receiver.port,
    ratePerSecond: INFORMS_PER_SECOND,
    seconds: 0,
    sources,
  };
  const { latenciesMs, unanswered } = await send(order);
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const subject = `v2c informs at ${INFORMS_PER_SECOND}/s, each an event on disk`;
  rows.push(
    { subject, metric: "acknowledged", value: sorted.length, unit: "informs" },
    { subject, metric: "unanswered", value: unanswered, unit: "informs" },
    { subject, metric: "p50", value: at(0.5), unit: "ms" },
    { subject, metric: "p99", value: at(0.99), unit: "ms" },
  );
  unaccounted += unanswered;
  await stop();
}

async function send(order: SenderOrder): Promise<SenderResult> {
  const script = join(import.meta.dir, "traps", "sender.ts");
  const child = Bun.spawn([process.execPath, script, JSON.stringify(order)], { stdout: "pipe", stderr: "inherit" });
  const said = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`the sender of ${order.what} ended with ${child.exitCode}`);
  return JSON.parse(said) as SenderResult;
}
