/**
 * bun run fuzz:traps [--runs N --seed S --corpus FILE]: broken notifications of every version, and the public corpus of
 * broken requests as notifications and answers, through the whole receiver. Exits 1 on an uncaught error, on one that is
 * not accounted for, on memory that grows by 50 MB, and where a message may have taken longer than 50 ms.
 */
import { parseArgs } from "node:util";
import { Pdu } from "@watchpost/collector/device/snmp/index.ts";
import { mutationsOf } from "@watchpost/collector/trap/mutations.fixture.ts";
import { cpuMeter } from "../meter.ts";
import { corpus, retagged } from "./corpus.ts";
import { COMMUNITY, informOf, linkDown, sealed } from "./message.ts";
import { openReceiver } from "./receiver.ts";

const GROWTH_BYTES_MAX = 50 * 1_048_576;
const MESSAGE_MS_MAX = 50;
const WARM_UP_RUNS = 50_000;
/** Sent at once and waited for: what all of them took bounds what any of them took. */
const BATCH = 64;
const SETTLE_MS_MAX = 5_000;
const DATAGRAM_BYTES_MAX = 60_000;

const { values } = parseArgs({
  options: { runs: { type: "string" }, seed: { type: "string" }, corpus: { type: "string" } },
});
const runs = Number(values.runs ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
let uncaught = 0;
process.on("uncaughtException", (error) => {
  uncaught += 1;
  process.stderr.write(`${error.stack}\n`);
});

const { receiver, stop } = await openReceiver(["127.0.0.1"], [COMMUNITY, "public"]);
const sender = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
const trap = linkDown(7);
const SEEDS = [trap, informOf(trap), sealed(trap, 1), retagged(trap, Pdu.Response)];

await hearAll(mutationsOf(SEEDS, { count: WARM_UP_RUNS, seed }));
Bun.gc(true);
const before = process.memoryUsage.rss();
const startedMs = performance.now();
const mutated = await hearAll(mutationsOf(SEEDS, { count: runs, seed: seed + 1 }));
const dressed = await hearAll(dressedCorpus());
Bun.gc(true);
const growthBytes = process.memoryUsage.rss() - before;
const tookMs = Math.round(performance.now() - startedMs);
const slowestMs = Math.max(mutated.slowestMs, dressed.slowestMs);
const lost = mutated.lost + dressed.lost;
await stop();
sender.close();
const figures = { runs: mutated.sent, corpus: dressed.sent, uncaught, lost, slowestMs, growthBytes, seed, tookMs };
process.stdout.write(`${JSON.stringify(figures)}\n`);
const isWell = uncaught === 0 && lost === 0 && growthBytes < GROWTH_BYTES_MAX && slowestMs <= MESSAGE_MS_MAX;
process.exit(isWell ? 0 : 1);

interface Heard {
  sent: number;
  /** Neither received nor counted as dropped by the kernel. */
  lost: number;
  slowestMs: number;
}

async function hearAll(messages: Iterable<Uint8Array>): Promise<Heard> {
  const heard: Heard = { sent: 0, lost: 0, slowestMs: 0 };
  let batch: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    const expected = accounted() + batch.length;
    const atMs = performance.now();
    // CPU, not wall time: what else this machine does is not the message's fault.
    const cpuMs = cpuMeter();
    for (const message of batch) sender.send(message, receiver.port, "127.0.0.1");
    while (receiver.counters.received < expected && performance.now() - atMs < SETTLE_MS_MAX) {
      if (performance.now() - atMs > MESSAGE_MS_MAX && accounted() >= expected) break;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    heard.slowestMs = Math.max(heard.slowestMs, cpuMs());
    heard.sent += batch.length;
    heard.lost += Math.max(0, expected - accounted());
    batch = [];
  };
  for (const message of messages) {
    batch.push(message);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return heard;
}

function accounted(): number {
  return receiver.counters.received + receiver.kernelDrops();
}

function* dressedCorpus(): Generator<Uint8Array> {
  for (const message of corpus(values.corpus)) {
    if (message.length > DATAGRAM_BYTES_MAX) continue;
    yield message;
    for (const tag of [Pdu.Response, Pdu.TrapV1, Pdu.TrapV2, Pdu.Inform]) yield retagged(message, tag);
  }
}
