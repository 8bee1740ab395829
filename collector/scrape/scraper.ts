import type { TimerClock } from "../clock.ts";
import type { ScrapeConfig } from "../config/index.ts";
import type { SampleBatch, SeriesTable } from "../sample/index.ts";
import { fetchBody } from "./fetch-body.ts";
import { Target } from "./target.ts";

const AT_ONE_TIME_MAX = 20;
const MESSAGE_CHARS_MAX = 300;

export interface ScraperOptions {
  targets: readonly ScrapeConfig[];
  table: SeriesTable;
  clock: TimerClock;
  /** From 0 up to 1: spreads targets over their interval. */
  random: () => number;
  append: (batch: SampleBatch) => Promise<void>;
  /** An endpoint that cannot be read, told when that begins. */
  onTrouble: (message: string) => void;
  /** A bug or a full disk. */
  onError: (error: unknown) => void;
}

export interface Scraper {
  /** Endpoints that could be read last time, and those that could not with why. */
  status: () => { up: number; failing: { url: string; message: string }[] };
  stop: () => Promise<void>;
}

/** Reads each endpoint at its own time, one scrape of it at a time; a slow one holds nobody else up. */
export function startScraper(options: ScraperOptions): Scraper {
  const { clock, table } = options;
  const stopping = new AbortController();
  const failing = new Map<Target, string>();
  const cancels = new Map<Target, () => void>();
  const underWay = new Set<Promise<void>>();
  const waiting: Target[] = [];
  const targets = options.targets.map((config) => new Target(config, table));

  async function scrape(target: Target): Promise<void> {
    const startedMs = clock.monotonicMs();
    const takenAtMs = clock.nowMs();
    const fetched = await fetchBody(target.config, stopping.signal);
    if (stopping.signal.aborted) return;
    const durationMs = clock.monotonicMs() - startedMs;
    const body = fetched.kind === "body" ? fetched.text : undefined;
    const { batch, scraped } = target.batch(body, { takenAtMs, durationMs });
    if (scraped.kind === "ok") failing.delete(target);
    else note(target, fetched.kind === "failed" ? fetched.message : scraped.message);
    await options.append(batch);
  }

  function note(target: Target, message: string): void {
    const { job, url } = target.config;
    const bounded = message.slice(0, MESSAGE_CHARS_MAX);
    if (!failing.has(target)) options.onTrouble(`scrape of ${job} at ${withoutSecrets(url)}: ${bounded}`);
    failing.set(target, bounded);
  }

  function begin(target: Target): void {
    if (stopping.signal.aborted) return;
    if (underWay.size >= AT_ONE_TIME_MAX) {
      waiting.push(target);
      return;
    }
    const startedMs = clock.monotonicMs();
    const run = scrape(target)
      .catch(options.onError)
      .finally(() => {
        underWay.delete(run);
        plan(target, Math.max(0, target.config.intervalMs - (clock.monotonicMs() - startedMs)));
        const next = waiting.shift();
        if (next) begin(next);
      });
    underWay.add(run);
  }

  function plan(target: Target, delayMs: number): void {
    if (!stopping.signal.aborted)
      cancels.set(
        target,
        clock.after(delayMs, () => begin(target)),
      );
  }

  for (const target of targets) plan(target, options.random() * Math.min(target.config.intervalMs, 10_000));
  return {
    status: () => ({
      up: targets.length - failing.size,
      failing: [...failing].map(([{ config }, message]) => ({ url: withoutSecrets(config.url), message })),
    }),
    async stop() {
      stopping.abort();
      for (const cancel of cancels.values()) cancel();
      await Promise.all(underWay);
    },
  };
}

/** A URL may carry a password or a token: only where it leads is told. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
