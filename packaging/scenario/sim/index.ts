import { judged, type Report } from "../report.ts";
import { simulate, type Simulated } from "./simulate.ts";

const VIOLATIONS_TOLD_MAX = 20;

/** What is thrown names its seed too. */
async function simulated(seed: number): Promise<Simulated> {
  try {
    return await simulate(seed);
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}. Again: ${againOf(seed)}`, { cause: error });
  }
}

function againOf(seed: number): string {
  return `bun run scenario sim --seeds 1 --from ${seed}`;
}

/** Runs the seeds one after the other; a seed that breaks a promise is named with the command that shows it again. */
export async function simScenario(options: { seeds: number; from: number }): Promise<Report> {
  const began = performance.now();
  const violations: string[] = [];
  const sum = { faults: 0, events: 0, samples: 0, lost: 0 };
  for (let seed = options.from; seed < options.from + options.seeds; seed += 1) {
    const run = await simulated(seed);
    sum.faults += run.faults;
    sum.events += run.counts.eventsKept;
    sum.samples += run.counts.samplesKept;
    sum.lost += run.counts.samplesCounted;
    if (run.violations.length === 0) continue;
    violations.push(`seed ${seed}: ${run.violations.join("; ")}. Again: ${againOf(seed)}`);
    if (violations.length >= VIOLATIONS_TOLD_MAX) break;
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const rows = [
    { subject: "sim", metric: "seeds", value: options.seeds, unit: "" },
    { subject: "sim", metric: "faults", value: sum.faults, unit: "" },
    { subject: "sim", metric: "events acknowledged", value: sum.events, unit: "" },
    { subject: "sim", metric: "samples acknowledged", value: sum.samples, unit: "" },
    { subject: "sim", metric: "samples told as lost", value: sum.lost, unit: "" },
    { subject: "sim", metric: "time", value: seconds, unit: "s" },
  ];
  return judged("sim", rows, violations);
}
