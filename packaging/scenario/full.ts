/** bun run verify:full: everything of `verify`, then the long proofs. Figures go to `scenario-results/`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..", "..");
const out = join(root, "scenario-results");

const STEPS: { name: string; command: string[] }[] = [
  { name: "verify", command: ["packaging/setup/verify.ts"] },
  { name: "containers", command: ["packaging/parts/docker/cli.ts"] },
  { name: "fuzz-snmp", command: ["packaging/bench/snmp/fuzz.ts", "--runs", "1000000"] },
  { name: "fuzz-traps", command: ["packaging/bench/traps/fuzz.ts", "--runs", "1000000"] },
  ...[
    ["sim", "--seeds", "10000", "--from", "1"],
    ["damage"],
    ["kill", "--rounds", "1000", "--victim", "collector"],
    ["kill", "--rounds", "100", "--victim", "hub"],
    ["kill", "--rounds", "100", "--victim", "postgres"],
    ["outage"],
    ["disk-full"],
    ["clock"],
    ["rollback"],
    ["storm"],
    ["stall"],
  ].map((args) => {
    const name = args.filter((arg) => /^[a-z]/.test(arg)).join("-");
    return { name, command: ["packaging/scenario/cli.ts", ...args, "--json", join(out, `${name}.json`)] };
  }),
];

mkdirSync(out, { recursive: true });
let failed = 0;
for (const { name, command } of STEPS) {
  const child = Bun.spawn([process.execPath, ...command], { cwd: root, stdout: "inherit", stderr: "inherit" });
  const passed = (await child.exited) === 0;
  if (!passed) failed += 1;
  process.stdout.write(`${passed ? "✓" : "✗"} ${name}\n`);
}
process.exit(failed === 0 ? 0 : 1);
