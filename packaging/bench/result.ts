import { type BenchOptions, type Row, report } from "./report.ts";

/** Rows and wrong values of one bench. */
export class Result {
  private readonly name: string;
  private readonly rows: Row[] = [];
  private readonly wrong: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(subject: string, metric: string, value: number, unit: string): void {
    this.rows.push({ subject, metric, value, unit });
  }

  /** A wrong value, not a slow one; unless a speed is what is promised. */
  check(isRight: boolean, what: string): void {
    if (!isRight) this.wrong.push(what);
  }

  /** Prints, writes, and sets the exit code. */
  finish(options: BenchOptions): void {
    report(this.name, this.rows, options);
    for (const what of this.wrong.slice(0, 20)) process.stderr.write(`wrong: ${what}\n`);
    if (this.wrong.length === 0) return;
    process.stderr.write(`${this.wrong.length} values are wrong\n`);
    process.exitCode = 1;
  }
}
