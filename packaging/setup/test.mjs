// npm test: installs what the tests need, then runs `verify` (all) or the tests whose path matches the patterns given.
// With --full (verify:full): what the long proofs need too, then `verify` and the proofs.
import { spawnSync } from "node:child_process";
import { ensurePrograms, SCENARIO_PROGRAMS, TEST_PROGRAMS } from "./debian.mjs";
import { ensureBun, ensurePackages, environment, exitWith, linkBun, root, say } from "./toolchain.mjs";

exitWith(() => {
  const bun = ensureBun();
  ensurePackages(bun);
  linkBun(bun);
  const env = environment(bun);
  const patterns = process.argv.slice(2);
  const isFull = patterns[0] === "--full";
  for (const missing of ensurePrograms(isFull ? [...TEST_PROGRAMS, ...SCENARIO_PROGRAMS] : TEST_PROGRAMS, env)) {
    say(`! no ${missing.program}: what needs it will fail or prove less (${missing.reason}).`);
  }
  const all = isFull ? "packaging/scenario/full.ts" : "packaging/setup/verify.ts";
  const args = patterns.length > 0 && !isFull ? ["test", "--timeout", "30000", ...patterns] : [all];
  const done = spawnSync(bun, args, { cwd: root, env, stdio: "inherit" });
  return done.status ?? 1;
});
