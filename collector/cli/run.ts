import { formatProblem, type Loaded, loadConfig } from "../config/index.ts";
import { EnrollError } from "../enroll/index.ts";
import { armWatchdog, startCollector, watchUncaught } from "../run/index.ts";
import { openLog } from "./log.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

const STOP_MS_MAX = 5_000;

/** Runs until SIGTERM or SIGINT. Gives the exit code. */
export async function runCollector(terminal: Terminal, options: { config: string; dataDir?: string }): Promise<number> {
  const loaded = loadConfig(options.config, terminal.env);
  if (loaded.kind !== "ok") return sayBadConfig(terminal, loaded);
  const log = openLog();
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  const disarm = armWatchdog();
  if (!disarm) log.warn("this system has no alarm(2): a collector that stands still is not ended by itself");
  try {
    const dataDir = options.dataDir === undefined ? {} : { dataDir: options.dataDir };
    const collector = await startCollector({ config: loaded.config, env: terminal.env, log, ...dataDir });
    const unwatch = watchUncaught(collector);
    log.info({ status: collector.statusUrl, devices: loaded.config.devices.length }, "collector runs");
    const signal = await stopped;
    log.info({ signal }, "stopping");
    disarm?.();
    const deadline = setTimeout(() => {
      log.error(`not stopped within ${STOP_MS_MAX} ms; what is on disk is whole`);
      process.exit(FAILED);
    }, STOP_MS_MAX);
    await collector.stop();
    clearTimeout(deadline);
    unwatch();
    return OK;
  } catch (error) {
    const enrolment = error instanceof EnrollError ? " (enrolment)" : "";
    disarm?.();
    terminal.err(`collector did not start${enrolment}: ${error instanceof Error ? error.message : String(error)}`);
    return FAILED;
  }
}

export function sayBadConfig(terminal: Terminal, loaded: Exclude<Loaded, { kind: "ok" }>): number {
  if (loaded.kind === "unreadable") {
    terminal.err(loaded.message);
    return USAGE;
  }
  for (const problem of loaded.problems) terminal.err(formatProblem(problem));
  return FAILED;
}
