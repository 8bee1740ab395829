/** bun run verify: format, lint, types, dead code, contract, schema and tests. Ends with "N passed, N failed". */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dir, "..", "..");
const bin = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: [bin, process.env["PATH"] ?? ""].join(delimiter) };

/** Real servers on a busy machine take their time; a test that hangs still ends. */
const TEST_TIMEOUT_MS = 30_000;

interface Check {
  name: string;
  run: () => Promise<boolean>;
}

const CHECKS: Check[] = [
  { name: "format", run: () => passes(["biome", "format", "."]) },
  { name: "lint", run: () => passes(["oxlint", "--type-aware"]) },
  { name: "types", run: () => passes(["tsc", "--noEmit"]) },
  { name: "dead code", run: () => passes(["knip-bun"]) },
  { name: "proto lint", run: () => passes(["buf", "lint"], "proto") },
  { name: "proto breaking", run: protoKeepsOldCollectorsWorking },
  { name: "proto generated", run: protoIsFresh },
  { name: "schema generated", run: schemaIsFresh },
];

let failed = 0;
for (const check of CHECKS) {
  const start = performance.now();
  const passed = await check.run();
  if (!passed) failed += 1;
  console.log(`${passed ? "✓" : "✗"} ${check.name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
const tests = await runTests();
failed += tests.failed;
console.log(`${CHECKS.length - failed + tests.failed + tests.passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function passes(cmd: string[], folder = "."): Promise<boolean> {
  const child = Bun.spawn(cmd, { cwd: join(root, folder), env, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) === 0) return true;
  console.log(`$ ${cmd.join(" ")}\n${out}${err}`);
  return false;
}

/** Against the last commit of main, where there is one to compare with. */
async function protoKeepsOldCollectorsWorking(): Promise<boolean> {
  const known = Bun.spawnSync(["git", "rev-parse", "--verify", "-q", "HEAD:proto/watchpost"], { cwd: root });
  if (known.exitCode !== 0) return true;
  return passes(["buf", "breaking", "--against", "../.git#ref=HEAD,subdir=proto"], "proto");
}

async function protoIsFresh(): Promise<boolean> {
  const out = mkdtempSync(join(tmpdir(), "watchpost-proto-"));
  try {
    return (
      (await passes(["buf", "generate", "-o", out], "proto")) &&
      (await passes(["diff", "-r", join(out, "gen"), "gen"], "proto"))
    );
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function schemaIsFresh(): Promise<boolean> {
  const out = mkdtempSync(join(tmpdir(), "watchpost-schema-"));
  const committed = join(root, "db", "migrations", "0000_init.sql");
  try {
    const fresh = join(out, "0000_init.sql");
    if (!(await passes(["bun", "db/generate.ts", fresh]))) return false;
    if (readFileSync(fresh, "utf8") === readFileSync(committed, "utf8")) return true;
    console.log("db/migrations/0000_init.sql is not what db/schema says: bun run db:generate");
    return false;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Bun counts its tests on stderr; a file that cannot be loaded shows in the exit code alone. */
async function runTests(): Promise<{ passed: number; failed: number }> {
  const child = Bun.spawn(["bun", "test", `--timeout=${TEST_TIMEOUT_MS}`], {
    cwd: root,
    env,
    stdout: "inherit",
    stderr: "pipe",
  });
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of child.stderr) {
    process.stderr.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-4_000);
  }
  const code = await child.exited;
  const passed = Number(/^\s*(\d+) pass$/m.exec(tail)?.[1] ?? 0);
  const counted = Number(/^\s*(\d+) fail$/m.exec(tail)?.[1] ?? 0);
  return { passed, failed: code === 0 ? counted : Math.max(counted, 1) };
}
