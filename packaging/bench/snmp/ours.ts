import { join } from "node:path";
import type { BenchVersion } from "./credential.ts";
import { LineProcess, type Round, type Subject } from "./subject.ts";
import type { Observed } from "./switch.ts";

/** Watchpost's collector from poller to samples, in a process of its own. */
export function startOurs(options: { version: BenchVersion; inFlight: number; ports: readonly number[] }): Subject {
  const { version, inFlight, ports } = options;
  const file = join(import.meta.dir, "ours-process.ts");
  const child = new LineProcess([process.execPath, file, version, String(inFlight), ports.join(",")]);
  return {
    name: "watchpost",
    run: async (polls) => (await child.ask(`run ${polls}`)) as Round,
    observed: async () => (await child.ask("observed")) as Observed[],
    stop: () => child.stop(),
  };
}
