import type { Hub } from "../../hub.ts";
import { selector } from "../../metrics/index.ts";

const KEPT_MS = 3_000;
const KEPT_MAX = 100;
/** How far back a device that fell silent is looked for. */
const BACK = "1h";
/** Names beyond this many characters in one question are left to the inventory. */
const NAMES_CHARACTERS_MAX = 6_000;

export interface DevicePlace {
  site: string;
  name: string;
}

/** When each device last gave a sample, by the metrics store: it knows of every poll, an inventory only of changes. */
export interface SampleTimes {
  /** Unix milliseconds by `placeKey`; missing where the store has nothing in the last hour. */
  of(devices: readonly DevicePlace[]): Promise<ReadonlyMap<string, number>>;
}

export function placeKey({ site, name }: DevicePlace): string {
  return `${site}/${name}`;
}

/** One query a view, kept for three seconds; a store that does not answer costs no page. */
export function openSampleTimes(hub: Hub): SampleTimes {
  const kept = new Map<string, { atMs: number; times: Promise<ReadonlyMap<string, number>> }>();

  async function ask(query: string): Promise<ReadonlyMap<string, number>> {
    try {
      const series = (await hub.metrics?.instant(query)) ?? [];
      return new Map(
        series.map(({ labels, value }) => [
          placeKey({ site: labels["site"] ?? "", name: labels["device"] ?? "" }),
          Math.round(value * 1000),
        ]),
      );
    } catch (error) {
      hub.log.warn({ err: error }, "times of the newest samples could not be read; pages show the inventory's");
      return new Map();
    }
  }

  return {
    of(devices) {
      if (!hub.metrics || devices.length === 0) return Promise.resolve(new Map());
      const nowMs = hub.clock.nowMs();
      const query = questionOf(devices);
      const known = kept.get(query);
      if (known && nowMs - known.atMs < KEPT_MS) return known.times;
      const times = ask(query);
      kept.delete(query);
      kept.set(query, { atMs: nowMs, times });
      const oldest = kept.size > KEPT_MAX ? kept.keys().next() : undefined;
      if (oldest && !oldest.done) kept.delete(oldest.value);
      return times;
    },
  };
}

/** `timestamp` alone forgets a device five minutes after its last sample. */
export function questionOf(devices: readonly DevicePlace[]): string {
  const names: string[] = [];
  let characters = 0;
  for (const name of new Set(devices.map((device) => device.name))) {
    characters += name.length;
    if (characters > NAMES_CHARACTERS_MAX) break;
    names.push(name);
  }
  const time = `timestamp(${selector("device_up", { device: names })})`;
  return `${newest(time)} or ${newest(`max_over_time(${time}[${BACK}:1m])`)}`;
}

function newest(of: string): string {
  return `max by (site, device) (${of})`;
}
