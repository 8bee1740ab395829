// npm test: installs what the tests need, then runs `verify` (all) or the tests whose path matches the patterns given.
import { spawnSync } from "node:child_process";
import { ensurePrograms, TEST_PROGRAMS } from "./debian.mjs";
import { ensureBun, ensurePackages, environment, exitWith, linkBun, root, say } from "./toolchain.mjs";

exitWith(() => {
  const bun = ensureBun();
  ensurePackages(bun);
  linkBun(bun);
  const env = environment(bun);
  for (const missing of ensurePrograms(TEST_PROGRAMS, env)) {
    say(`! no ${missing.program}: the tests that need it will fail (${missing.reason}).`);
  }
  const patterns = process.argv.slice(2);
  const args = patterns.length > 0 ? ["test", "--timeout", "30000", ...patterns] : ["packaging/setup/verify.ts"];
  const done = spawnSync(bun, args, { cwd: root, env, stdio: "inherit" });
  return done.status ?? 1;
});
