/** bun run containers: the tests that need databases, with Postgres and VictoriaMetrics in containers of an engine of our own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POSTGRES_IMAGE, VICTORIA_METRICS_IMAGE } from "../containers.ts";
import { type Daemon, findDockerd, startDaemon } from "./daemon.ts";
import { postgresImage, victoriaMetricsImage } from "./image.ts";

const TESTS = ["db", "packaging/parts", "hub/metrics"];
const TEST_TIMEOUT_MS = 60_000;
const repository = join(import.meta.dir, "..", "..", "..");

const missing = whatIsMissing();
if (missing !== undefined) {
  console.error(`the tests cannot run in containers: ${missing}`);
  process.exit(1);
}
const dir = mkdtempSync(join(tmpdir(), "watchpost-containers-"));
/** Ctrl-C ends the tests; what was made is removed all the same. */
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interrupted.abort());
let daemon: Daemon | undefined;
let failed = 1;
try {
  daemon = await startDaemon(dir);
  for (const image of [
    await postgresImage(POSTGRES_IMAGE, dir),
    await victoriaMetricsImage(VICTORIA_METRICS_IMAGE, dir),
  ]) {
    await daemon.importImage(image.name, image);
    console.error(`· image ${image.name}: made of what is installed here`);
  }
  const tests = await runTests(daemon.host);
  const started = await daemon.started();
  const unused = [POSTGRES_IMAGE, VICTORIA_METRICS_IMAGE].filter((image) => !started.includes(image));
  for (const image of unused) console.error(`✗ no container of ${image} was started: the tests used something else`);
  failed = tests.failed + unused.length;
  console.log(`${started.length} containers were started: ${started.join(", ")}`);
  console.log(`${tests.passed} passed, ${failed} failed`);
} finally {
  await daemon?.stop();
  rmSync(dir, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

function whatIsMissing(): string | undefined {
  if (!findDockerd()) return "dockerd is not installed. As root: apt-get install --no-install-recommends docker.io";
  if (process.getuid?.() !== 0) return "only root may start a Docker engine";
  return undefined;
}

/** Bun counts its tests on stderr; a file that cannot be loaded shows in the exit code alone. */
async function runTests(host: string): Promise<{ passed: number; failed: number }> {
  const child = Bun.spawn([process.execPath, "test", `--timeout=${TEST_TIMEOUT_MS}`, ...TESTS], {
    cwd: repository,
    env: {
      ...process.env,
      DOCKER_HOST: host,
      // Its cleaner is an image of its own that nobody can pull here; ports are published on loopback.
      TESTCONTAINERS_RYUK_DISABLED: "true",
      TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1",
    },
    stdout: "inherit",
    stderr: "pipe",
    signal: interrupted.signal,
  });
  const said = await new Response(child.stderr).text();
  process.stderr.write(said);
  const code = await child.exited;
  const passed = Number(/^\s*(\d+) pass$/m.exec(said)?.[1] ?? 0);
  const counted = Number(/^\s*(\d+) fail$/m.exec(said)?.[1] ?? 0);
  return { passed, failed: code === 0 ? counted : Math.max(counted, 1) };
}
