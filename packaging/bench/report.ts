import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

export interface Row {
  subject: string;
  metric: string;
  value: number;
  unit: string;
}

export interface BenchOptions {
  quick: boolean;
  /** Where the report goes as JSON too. */
  json: string | undefined;
}

/** `-- --quick --json FILE`; anything else is a mistake worth stopping for. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const options: BenchOptions = { quick: false, json: undefined };
  for (let i = 0; i < args.length; i += 1) {
    if (args[i] === "--quick") options.quick = true;
    else if (args[i] === "--json" && args[i + 1] !== undefined) options.json = args[++i];
    else throw new Error(`"${args[i]}" is no option of a bench. There are --quick and --json FILE.`);
  }
  return options;
}

/** The table for people, and the same for programs. */
export function report(name: string, rows: readonly Row[], { json }: BenchOptions): void {
  const width = (pick: (row: Row) => string) => Math.max(...rows.map((row) => pick(row).length));
  const subjectWidth = width((row) => row.subject);
  const metricWidth = width((row) => row.metric);
  const lines = rows.map(
    ({ subject, metric, value, unit }) =>
      `${subject.padEnd(subjectWidth)}  ${metric.padEnd(metricWidth)}  ${rounded(value).padStart(10)} ${unit}`,
  );
  process.stdout.write(`${name}\n${lines.join("\n")}\n`);
  const [load = 0] = loadavg();
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", load1: load, bun: Bun.version };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ name, machine, rows }, null, 2)}\n`);
}

function rounded(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : String(Number(value.toPrecision(3)));
}
