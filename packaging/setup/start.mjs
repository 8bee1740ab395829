// npm start: installs what is missing, then hands over to up/main.ts, which starts and stops everything.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensurePrograms, VICTORIA_METRICS } from "./debian.mjs";
import { ensureBun, ensurePackages, environment, exitWith, linkBun, root, say } from "./toolchain.mjs";

exitWith(() => {
  const bun = ensureBun();
  ensurePackages(bun);
  linkBun(bun);
  const env = environment(bun);
  const wantsHelp = process.argv.includes("--help") || process.argv.includes("-h");
  if (!wantsHelp && !process.env.VM_URL) {
    for (const missing of ensurePrograms([VICTORIA_METRICS], env)) {
      say(`! no ${missing.program}: charts stay empty until it is there (${missing.reason}).`);
    }
  }
  const child = spawn(bun, [join(root, "packaging", "setup", "up", "main.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
    env,
  });
  // A terminal sends Ctrl-C to the whole group; other senders reach only this process.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  return undefined;
});
