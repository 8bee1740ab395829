import type { ConfigPush } from "@watchpost/proto";
import type { Logger } from "pino";
import type { SitePart } from "../config/index.ts";
import type { TimerClock } from "../clock.ts";
import type { ConfigOutcome } from "../link/index.ts";
import type { SiteInForce } from "./site-in-force.ts";

/** How long a pushed configuration has to do no harm before it counts as applied. */
const TRIAL_MS = 5_000;
const CHECK_MS = 250;
/** A check this late means that nothing else ran either: no poll, no heartbeat. */
const STALL_MS_MAX = 3_000;

const nothing = (): void => undefined;

export interface ConfigTrial {
  /** Answers once the configuration has proven itself, or the former one is in force again. */
  apply(push: ConfigPush): Promise<ConfigOutcome>;
  /** Goes on with a trial that a restart interrupted. */
  resume(): void;
  stop(): void;
}

/**
 * Takes over what the hub pushes, watches it for a few seconds, and goes back by itself when it does harm. A collector
 * that ends meanwhile goes back at its next start but one.
 */
export function createConfigTrial(options: {
  site: SiteInForce;
  clock: TimerClock;
  log: Logger;
  applySite: (site: SitePart) => Promise<void>;
}): ConfigTrial {
  const { site, clock, log, applySite } = options;
  const watch = { isStopped: false, cancel: nothing };
  let underWay: Promise<ConfigOutcome> | undefined;

  async function run(version: number): Promise<ConfigOutcome> {
    const harm = await harmOf(site.current());
    // No verdict: the trial goes on after the next start.
    if (watch.isStopped) return new Promise(() => undefined);
    if (harm === undefined) {
      site.prove();
      log.info({ version, devices: site.current().devices.length }, "configuration of the hub applied");
      return { applied: true };
    }
    await applySite(site.rollBack(harm));
    return { applied: false, reason: `rolled back: ${harm}` };
  }

  async function harmOf(next: SitePart): Promise<string | undefined> {
    try {
      await applySite(next);
    } catch (error) {
      return `taking it over failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    const untilMs = clock.monotonicMs() + TRIAL_MS;
    while (!watch.isStopped && clock.monotonicMs() < untilMs) {
      const dueMs = clock.monotonicMs() + CHECK_MS;
      await pause(CHECK_MS);
      const lateMs = clock.monotonicMs() - dueMs;
      if (lateMs > STALL_MS_MAX) return `the collector did nothing else for ${Math.round(lateMs)} ms`;
    }
    return undefined;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      watch.cancel = () => {
        cancel();
        resolve();
      };
    });
  }

  return {
    async apply(push) {
      const isUnderWay = underWay !== undefined && site.version() === push.version;
      if (isUnderWay && underWay) return underWay;
      const accepted = site.accept(push.version, push.yaml);
      if (accepted.kind === "refused") {
        log.warn({ version: push.version }, `configuration of the hub refused: ${accepted.reason}`);
        return { applied: false, reason: accepted.reason };
      }
      underWay = run(push.version);
      return underWay;
    },
    resume() {
      if (site.isProven()) return;
      underWay = run(site.version());
      underWay.catch((error: unknown) => log.error({ err: error }, "the configuration before could not be put back"));
    },
    stop() {
      watch.isStopped = true;
      watch.cancel();
    },
  };
}
