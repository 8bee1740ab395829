/**
 * bun run fuzz:snmp [--runs N --seed S]: broken answers before true ones, through the whole engine. Exits 1 when one makes
 * an agent silent, or memory grows by 50 MB; the slowest is told.
 */
import { parseArgs } from "node:util";
import { hearAll, mutations } from "@watchpost/collector/device/snmp/false-net.fixture.ts";

const GROWTH_BYTES_MAX = 50 * 1_048_576;
const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" } } });
const runs = Number(values.runs ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

await hearAll(mutations(20_000, seed));
Bun.gc(true);
const before = process.memoryUsage.rss();
const startedMs = performance.now();
const heard = await hearAll(mutations(runs, seed + 1));
Bun.gc(true);
const growthBytes = process.memoryUsage.rss() - before;
const figures = { ...heard, seed, growthBytes, tookMs: Math.round(performance.now() - startedMs) };
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(heard.silent === 0 && heard.runs === runs && growthBytes < GROWTH_BYTES_MAX ? 0 : 1);
