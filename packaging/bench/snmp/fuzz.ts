/**
 * bun run fuzz:snmp [--runs N --seed S --corpus FILE]: broken answers before true ones, through the whole engine; the public
 * corpus of broken requests as answers too. Exits 1 when one makes an agent silent, takes longer than 50 ms, or memory grows
 * by 50 MB.
 */
import { parseArgs } from "node:util";
import { Pdu } from "@watchpost/collector/device/snmp/index.ts";
import { hearAll, mutations } from "@watchpost/collector/device/snmp/false-net.fixture.ts";
import { corpus, retagged } from "../traps/corpus.ts";

const ANSWER_MS_MAX = 50;
const WARM_UP_RUNS = 20_000;
const GROWTH_BYTES_MAX = 50 * 1_048_576;
const { values } = parseArgs({
  options: { runs: { type: "string" }, seed: { type: "string" }, corpus: { type: "string" } },
});
const runs = Number(values.runs ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

const falsehoods = corpus(values.corpus).map((message) => () => retagged(message, Pdu.Response));
await hearAll(mutations(WARM_UP_RUNS, seed));
await hearAll(falsehoods);
Bun.gc(true);
const before = process.memoryUsage.rss();
const startedMs = performance.now();
const heard = await hearAll(mutations(runs, seed + 1));
const dressed = await hearAll(falsehoods);
Bun.gc(true);
const growthBytes = process.memoryUsage.rss() - before;
const slowestMs = Math.max(heard.slowestMs, dressed.slowestMs);
const silent = heard.silent + dressed.silent;
const tookMs = Math.round(performance.now() - startedMs);
const figures = { runs: heard.runs, corpus: dressed.runs, silent, slowestMs, growthBytes, seed, tookMs };
process.stdout.write(`${JSON.stringify(figures)}\n`);
const isWell = silent === 0 && heard.runs === runs && growthBytes < GROWTH_BYTES_MAX && slowestMs <= ANSWER_MS_MAX;
process.exit(isWell ? 0 : 1);
