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
/** A collector that has lived so long has settled: what ends it later is not blamed on its configuration. */
const SETTLED_MS = 60_000;

const nothing = (): void => undefined;

export interface ConfigTrial {
  /** Answers once the configuration has proven itself, or the former one is in force again. */
  apply(push: ConfigPush): Promise<ConfigOutcome>;
  /** Goes on with what a restart interrupted. */
  resume(): void;
  /** Something broke that nothing else notices: whatever is on trial is to blame. */
  harm(reason: string): void;
  stop(): void;
}

interface TrialOptions {
  site: SiteInForce;
  clock: TimerClock;
  log: Logger;
  applySite: (site: SitePart) => Promise<void>;
}

/**
 * Takes over what the hub pushes, watches it for a few seconds, and goes back by itself when it does harm. A collector
 * that ends meanwhile, or before it has settled, goes back at its next start but one.
 */
export function createConfigTrial(options: TrialOptions): ConfigTrial {
  return new Trial(options);
}

class Trial implements ConfigTrial {
  readonly #options: TrialOptions;
  #underWay: Promise<ConfigOutcome> | undefined;
  #isStopped = false;
  #cancelPause = nothing;
  #cancelSettling = nothing;
  #harm = "";

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  async apply(push: ConfigPush): Promise<ConfigOutcome> {
    const { site, log } = this.#options;
    if (this.#underWay && site.version() === push.version) return this.#underWay;
    const accepted = site.accept(push.version, push.yaml);
    if (accepted.kind === "refused") {
      log.warn({ version: push.version }, `configuration of the hub refused: ${accepted.reason}`);
      return { applied: false, reason: accepted.reason };
    }
    this.#cancelSettling();
    this.#underWay = this.#run(push.version);
    return this.#underWay;
  }

  resume(): void {
    const { site, log } = this.#options;
    if (site.isProven()) return this.#settleLater();
    this.#underWay = this.#run(site.version());
    this.#underWay.catch((error: unknown) =>
      log.error({ err: error }, "the configuration before could not be put back"),
    );
  }

  harm(reason: string): void {
    this.#harm = reason;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPause();
    this.#cancelSettling();
  }

  async #run(version: number): Promise<ConfigOutcome> {
    const { site, log, applySite } = this.#options;
    const harm = await this.#harmOf(site.current());
    // No verdict: the trial goes on after the next start.
    if (this.#isStopped) return new Promise(() => undefined);
    if (harm === undefined) {
      site.prove();
      this.#settleLater();
      log.info({ version, devices: site.current().devices.length }, "configuration of the hub applied");
      return { applied: true };
    }
    await applySite(site.rollBack(harm));
    return { applied: false, reason: `rolled back: ${harm}` };
  }

  async #harmOf(next: SitePart): Promise<string | undefined> {
    const { clock, applySite } = this.#options;
    this.#harm = "";
    try {
      await applySite(next);
    } catch (error) {
      return `taking it over failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    const untilMs = clock.monotonicMs() + TRIAL_MS;
    while (!this.#isStopped && clock.monotonicMs() < untilMs) {
      const dueMs = clock.monotonicMs() + CHECK_MS;
      await this.#pause(CHECK_MS);
      const lateMs = clock.monotonicMs() - dueMs;
      if (this.#harm !== "") return this.#harm;
      if (lateMs > STALL_MS_MAX) return `the collector did nothing else for ${Math.round(lateMs)} ms`;
    }
    return undefined;
  }

  #settleLater(): void {
    this.#cancelSettling = this.#options.clock.after(SETTLED_MS, () => this.#options.site.settle());
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#cancelPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
