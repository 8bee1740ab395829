import { scratchDir } from "../parts/index.ts";
import { benchOptions, report, type Row } from "./report.ts";
import { measureLoad } from "./snmp/load.ts";
import { measureSchedule } from "./snmp/schedule.ts";

/** SNMP polling beside the C library and snmp_exporter, and the schedule with dead and slow devices. */
const QUICK = { devices: 100, ports: 4, intervalMs: 30_000, turns: 2 };
const FULL = { devices: 500, ports: 48, intervalMs: 60_000, turns: 3 };
const options = benchOptions(process.argv.slice(2));
const dir = scratchDir("bench-snmp");
const [rounds, polls] = options.quick ? [3, 400] : [7, 1_500];
const rows: Row[] = [];
let wrong = 0;
for (const version of ["v2c", "v3"] as const) {
  const load = await measureLoad({ version, rounds, polls, dir });
  rows.push(...load.rows);
  wrong += load.wrong;
  for (const note of load.notes) process.stderr.write(`${note}\n`);
}
const schedule = await measureSchedule(options.quick ? QUICK : FULL);
rows.push(...schedule.rows);
report("snmp", rows, options);
if (wrong > 0) throw new Error(`${wrong} values were wrong or missing`);
if (schedule.problems.length > 0) throw new Error(schedule.problems.join("; "));
process.exit(0);
