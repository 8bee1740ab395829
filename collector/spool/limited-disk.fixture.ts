import pino from "pino";
import { systemClock } from "../clock.ts";
import { listOf } from "../sample/index.ts";
import { openSpool } from "./index.ts";

/** Appends without end and prints "ok TIME" or "failed TIME" for each, and "gap SAMPLES FROM TO" when one is told. */
const APPENDS_MAX = 100_000;
const SERIES = 500;
const [dir] = process.argv.slice(2);
if (!dir) throw new Error("usage: limited-disk.fixture.ts DIR");
const spool = openSpool({
  dir,
  bytesMax: 1_000_000_000,
  clock: systemClock,
  log: pino({ level: "silent" }),
  onGap: async (gap) => {
    process.stdout.write(`gap ${gap.reason} ${gap.samples} ${gap.fromMs} ${gap.toMs}\n`);
  },
  bucketMs: 1,
});
const series = listOf(
  Array.from({ length: SERIES }, (_, id) => ({ name: "m", labels: { device: "sw1", n: String(id) } })),
);
for (let time = 1; time <= APPENDS_MAX; time += 1) {
  const values = Float64Array.from(series, () => Math.random());
  const appended = await spool.append({ device: "sw1", takenAtMs: time, series, values }).then(
    () => "ok",
    () => "failed",
  );
  process.stdout.write(`${appended} ${time}\n`);
  if (appended === "failed") await Bun.sleep(20);
}
