import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

export interface Row {
  subject: string;
  metric: string;
  value: number;
  unit: string;
  /** The bound that the value has to keep, where there is one. */
  atMost?: number;
  atLeast?: number;
}

export interface Report {
  name: string;
  rows: Row[];
  /** Promises that were broken, with what is needed to see it again. */
  violations: string[];
}

/** A report whose rows' own bounds are judged too. */
export function judged(name: string, rows: Row[], violations: string[] = []): Report {
  const over = rows.filter(
    ({ value, atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }) =>
      value > atMost || value < atLeast,
  );
  const words = over.map(({ subject, metric, value, unit, atMost, atLeast }) => {
    const bound = value > (atMost ?? Number.POSITIVE_INFINITY) ? `at most ${atMost}` : `at least ${atLeast}`;
    return `${subject}: ${metric} is ${value} ${unit}, it has to be ${bound}`;
  });
  return { name, rows, violations: [...violations, ...words] };
}

/** Prints for people, writes for programs. Gives the exit code. */
export function conclude(report: Report, jsonFile: string | undefined): number {
  for (const { subject, metric, value, unit, atMost, atLeast } of report.rows) {
    const bound =
      atMost === undefined ? (atLeast === undefined ? "" : `  (at least ${atLeast})`) : `  (at most ${atMost})`;
    process.stdout.write(`${subject.padEnd(20)} ${metric.padEnd(44)} ${String(value).padStart(10)} ${unit}${bound}\n`);
  }
  for (const violation of report.violations) process.stdout.write(`✗ ${violation}\n`);
  if (report.violations.length === 0) process.stdout.write(`✓ ${report.name}: every promise held\n`);
  if (jsonFile !== undefined)
    writeFileSync(jsonFile, `${JSON.stringify({ ...report, machine: machine() }, null, 2)}\n`);
  return report.violations.length === 0 ? 0 : 1;
}

function machine(): { cores: number; load1m: number } {
  return { cores: cpus().length, load1m: Math.round((loadavg()[0] ?? 0) * 100) / 100 };
}
