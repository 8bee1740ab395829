import { join } from "node:path";
import type { BenchVersion } from "./credential.ts";
import { LineProcess, type Round, type Subject } from "./subject.ts";
import type { Observed } from "./switch.ts";

/** Compiles the poller on net-snmp's C library; undefined, with the reason, where that cannot be done. */
export function compilePeer(dir: string): { program: string } | { reason: string } {
  const gcc = Bun.which("gcc");
  if (gcc === null) return { reason: "gcc is not installed" };
  const program = join(dir, "peer");
  const built = Bun.spawnSync([gcc, "-O2", "-o", program, join(import.meta.dir, "peer.c"), "-lnetsnmp"]);
  if (built.success) return { program };
  const [line = ""] = built.stderr.toString().split("\n");
  return { reason: `gcc could not build it; is libsnmp-dev installed? (${line.slice(0, 120)})` };
}

export function startPeer(
  program: string,
  options: { version: BenchVersion; inFlight: number; ports: readonly number[] },
): Subject {
  const { version, inFlight, ports } = options;
  const child = new LineProcess([program, version, String(inFlight), ...ports.map(String)]);
  return {
    name: "net-snmp C library",
    run: async (polls) => (await child.ask(`run ${polls}`)) as Round,
    observed: async () => (await child.ask("observed")) as Observed[],
    stop: () => child.stop(),
  };
}
