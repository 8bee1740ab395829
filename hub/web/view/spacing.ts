import type { Hub } from "../../hub.ts";
import { selector } from "../../metrics/index.ts";

const KEPT_MS = 60_000;
const KEPT_MAX = 2_000;
const DENSITY_S = 180;
const BACK_S = [3_600, 21_600] as const;
/** Where nothing is known yet: a device polled once a minute. */
const SPACING_DEFAULT_S = 60;
/** A rate needs several samples: a poll that was lost must not make a gap. */
const SAMPLES_A_WINDOW = 4;
const WINDOW_S_MIN = 60;

interface DeviceLabels {
  device: string;
  site: string;
}

/** How far apart the samples of a device are, observed in the store: a rate over less than that would be empty. */
export interface Spacing {
  /** Seconds over which a rate of this device is taken. */
  windowOf(labels: DeviceLabels): Promise<number>;
}

/** Asked of the store once a minute and device. */
export function openSpacing(hub: Hub): Spacing {
  const kept = new Map<string, { atMs: number; windowS: Promise<number> }>();

  async function ask(labels: DeviceLabels): Promise<number> {
    try {
      const [series] = (await hub.metrics?.instant(questionOf(labels))) ?? [];
      return windowFor(series?.value ?? SPACING_DEFAULT_S);
    } catch (error) {
      hub.log.warn({ err: error, ...labels }, "the spacing of samples could not be read; a minute is taken for it");
      return windowFor(SPACING_DEFAULT_S);
    }
  }

  return {
    windowOf(labels) {
      const key = `${labels.site}/${labels.device}`;
      const nowMs = hub.clock.nowMs();
      const known = kept.get(key);
      if (known && nowMs - known.atMs < KEPT_MS) return known.windowS;
      const windowS = ask(labels);
      kept.delete(key);
      kept.set(key, { atMs: nowMs, windowS });
      const oldest = kept.size > KEPT_MAX ? kept.keys().next() : undefined;
      if (oldest && !oldest.done) kept.delete(oldest.value);
      return windowS;
    },
  };
}

export function windowFor(spacingS: number): number {
  return Math.max(WINDOW_S_MIN, Math.ceil(spacingS * SAMPLES_A_WINDOW));
}

/** The densest three minutes of the last hour, so that gaps do not count; for slow devices all of the last hours. */
export function questionOf(labels: DeviceLabels): string {
  const counted = (seconds: number) => `count_over_time(${selector("device_up", { ...labels })}[${seconds}s])`;
  const densest = `max_over_time(${counted(DENSITY_S)}[1h:${DENSITY_S}s])`;
  const questions = [`${DENSITY_S} / (${densest} > 2)`, ...BACK_S.map((back) => `${back} / (${counted(back)} > 1)`)];
  return `min(${questions.join(" or ")})`;
}
