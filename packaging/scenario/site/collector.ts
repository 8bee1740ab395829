/** A collector in a process of its own: the real one, whose stores are watched, with load of its own. Talks in lines. */
import { writeSync } from "node:fs";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import { pino } from "pino";
import { systemTimerClock, type TimerClock } from "../../../collector/clock.ts";
import { formatProblem, loadConfig } from "../../../collector/config/index.ts";
import type { Outbox } from "../../../collector/outbox/index.ts";
import { armWatchdog, openStores, type Stores, startCollector, watchUncaught } from "../../../collector/run/index.ts";
import { listOf } from "../../../collector/sample/index.ts";
import type { Spool } from "../../../collector/spool/index.ts";
import { breakOn } from "./breaking.ts";

const TICK_MS = 50;
const TELL_MS = 250;
/** Series of the load; one batch holds a value of each. */
const LOAD_SERIES = 500;
const PARENT_GONE = 3;

const [configFile = "", life = "0", eventsPerSecond = "0", samplesPerSecond = "0"] = process.argv.slice(2);
let offsetMs = 0;
let works = true;
let number = 0;
const clock: TimerClock = { ...systemTimerClock, nowMs: () => Date.now() + offsetMs };

const series = listOf(
  Array.from({ length: LOAD_SERIES }, (_, i) => ({ name: "load_value", labels: { device: "load", n: String(i) } })),
);
let owedEvents = 0;
let owedSamples = 0;
let lastTakenAtMs = 0;

/** Straight into the pipe: what was said survives a SIGKILL of the next instant. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const loaded = loadConfig(configFile, process.env);
if (loaded.kind !== "ok") {
  throw new Error(loaded.kind === "unreadable" ? loaded.message : loaded.problems.map(formatProblem).join("\n"));
}
if (!armWatchdog()) throw new Error("this system has no alarm(2)");
let stores: Stores | undefined;
const collector = await startCollector({
  config: loaded.config,
  env: process.env,
  log: pino({ level: "warn" }, pino.destination({ dest: 2, sync: true })),
  clock,
  openStores(options) {
    const opened = openStores(options);
    stores = { ...opened, outbox: watchOutbox(opened.outbox), spool: watchSpool(opened.spool) };
    return stores;
  },
});
watchUncaught(collector);
say(`ready ${Math.round(performance.now())} ${collector.statusUrl}`);
setInterval(load, TICK_MS);
setInterval(() => {
  const { events, samples } = collector.status();
  say(`pending ${events.pending} ${samples.pending} ${collector.status().link.isUp ? "up" : "down"}`);
}, TELL_MS);
for await (const chunk of Bun.stdin.stream()) {
  for (const line of new TextDecoder().decode(chunk).split("\n")) await obey(line);
}
process.exit(PARENT_GONE);

async function obey(line: string): Promise<void> {
  const [command, value] = line.split(" ");
  if (command === "clock") offsetMs = Number(value);
  if (command === "rest") works = false;
  if (command === "stop") {
    await collector.stop();
    process.exit(0);
  }
}

function watchOutbox(outbox: Outbox): Outbox {
  const append = outbox.append.bind(outbox);
  outbox.append = async (draft) => {
    const seq = await append(draft);
    if (draft.fingerprint.startsWith("load/")) say(`event ${draft.device}`);
    return seq;
  };
  return outbox;
}

function watchSpool(spool: Spool): Spool {
  const append = spool.append.bind(spool);
  // At rest polls bring nothing more either, so that what waits can come to nothing.
  spool.append = async (batch) => {
    const { device, takenAtMs, values } = batch;
    breakOn(device);
    if (values.length === 0 || !works) return;
    try {
      await append(batch);
      say(`samples ${takenAtMs} ${device} ${values.length}`);
    } catch (error) {
      say(`refused ${takenAtMs} ${device} ${values.length}`);
      throw error;
    }
  };
  return spool;
}

function load(): void {
  if (!works || !stores) return;
  owedEvents += (Number(eventsPerSecond) * TICK_MS) / 1_000;
  owedSamples += (Number(samplesPerSecond) * TICK_MS) / 1_000;
  for (; owedEvents >= 1; owedEvents -= 1) appendEvent(stores.outbox);
  for (; owedSamples >= LOAD_SERIES; owedSamples -= LOAD_SERIES) appendSamples(stores.spool);
}

function appendEvent(outbox: Outbox): void {
  number += 1;
  const device = `e${life}-${number}`;
  const kept = outbox.append({
    kind: EventKind.CONFIG_CHANGE,
    state: EventState.MOMENT,
    severity: Severity.INFO,
    device,
    object: "",
    fingerprint: `load/${device}`,
    observedAtMs: clock.nowMs(),
    summary: "an event of the load",
    attributes: {},
  });
  kept.catch(() => say(`refused-event ${device}`));
}

function appendSamples(spool: Spool): void {
  lastTakenAtMs = Math.max(lastTakenAtMs + 1, clock.nowMs());
  const values = Float64Array.from(series, () => Math.random());
  // A refusal is said where the spool is watched.
  spool.append({ device: "load", takenAtMs: lastTakenAtMs, series, values }).catch(() => undefined);
}
