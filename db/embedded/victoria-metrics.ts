import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { freePort } from "./free-port.ts";

const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 20_000;
const NAMES = ["victoria-metrics", "victoria-metrics-prod"];

export interface EmbeddedVictoriaMetrics {
  kind: "started";
  url: string;
  pid: number;
  exited: Promise<number>;
  stop(): Promise<void>;
}

export type StartedOrMissing = EmbeddedVictoriaMetrics | { kind: "missing"; reason: string };

/** Starts VictoriaMetrics from PATH on loopback with its data in `dir`; "missing" when the machine has none. */
export async function startVictoriaMetrics(options: {
  dir: string;
  port?: number;
  retention?: string;
}): Promise<StartedOrMissing> {
  const command = NAMES.map((name) => Bun.which(name)).find((path) => path !== null);
  if (!command) {
    return { kind: "missing", reason: `none of ${NAMES.join(", ")} is on PATH. Install it, or set VM_URL.` };
  }
  mkdirSync(options.dir, { recursive: true });
  const port = await freePort({ wanted: options.port ?? 0 });
  const logFile = join(options.dir, "victoria-metrics.log");
  const child = startChild({
    name: "victoria-metrics",
    command,
    args: [
      `-storageDataPath=${join(options.dir, "data")}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      `-retentionPeriod=${options.retention ?? "1y"}`,
      // A reader sees a sample within a second of its arrival.
      "-search.latencyOffset=0s",
      "-search.disableCache",
      // A sample sent again after a crash or a cut is the same sample, not a second one.
      "-dedup.minScrapeInterval=1ms",
    ],
    logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!(await answers(url))) {
    if (child.hasExited() || performance.now() > deadline) {
      await child.stop("SIGKILL", 1_000);
      const log = existsSync(logFile)
        ? readFileSync(logFile, "utf8").trim().split("\n").slice(-3).join(" | ")
        : "no log";
      throw new Error(`VictoriaMetrics (${command}) did not start within ${START_DEADLINE_MS} ms: ${log}`);
    }
    await Bun.sleep(30);
  }
  const { pid, exited } = child;
  return { kind: "started", url, pid, exited, stop: () => child.stop("SIGINT", STOP_DEADLINE_MS) };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) });
    return response.ok;
  } catch {
    return false;
  }
}
