import pino from "pino";
import { systemClock } from "../clock.ts";
import { listOf } from "../sample/index.ts";
import { openSpool } from "./index.ts";

const APPENDS_MAX = 100_000;
const [dir] = process.argv.slice(2);
if (!dir) throw new Error("usage: append-forever.fixture.ts DIR");
const spool = openSpool({
  dir,
  bytesMax: 1_000_000_000,
  clock: systemClock,
  log: pino({ level: "silent" }),
  onGap: async () => undefined,
  bucketMs: 1,
});
const series = listOf(Array.from({ length: 50 }, (_, id) => ({ name: "m", labels: { device: "sw1", n: String(id) } })));
for (let time = 1; time <= APPENDS_MAX; time += 1) {
  await spool.append({ device: "sw1", takenAtMs: time, series, values: new Float64Array(50).fill(time) });
  process.stdout.write(`${time}\n`);
}
