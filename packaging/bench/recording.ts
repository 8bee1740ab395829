import { configSchema } from "@watchpost/collector/config/schema.ts";
import { systemTimerClock } from "@watchpost/collector/device/clock.ts";
import { createSnmpEngine } from "@watchpost/collector/device/snmp/index.ts";
import { createPoller } from "@watchpost/collector/poll/index.ts";
import { loadProfiles } from "@watchpost/collector/profile/index.ts";
import { listOf, newSampleState, type SeriesList, SeriesTable, samplesOf } from "@watchpost/collector/sample/index.ts";
import type { SampleBatch } from "@watchpost/collector/sample/sample.ts";
import { startLab } from "../lab/index.ts";

/** Batches of all devices, poll after poll. */
export type Recording = SampleBatch[][];

/**
 * Polls the simulated site by the real poller: the lab's clock moves on by `intervalMs` a round without anybody waiting,
 * and the last round is now.
 */
export async function record(options: {
  dir: string;
  seed: number;
  rounds: number;
  intervalMs: number;
}): Promise<Recording> {
  const { rounds, intervalMs, dir, seed } = options;
  let nowMs = Date.now() - rounds * intervalMs;
  const lab = await startLab({ dir, seed, clock: () => nowMs });
  const clock = { ...systemTimerClock, nowMs: () => nowMs };
  const engine = createSnmpEngine({ clock });
  const site = lab.siteConfig();
  const config = configSchema.parse({ name: "bench", ...site, poll: { ...site.poll, intervalMs } });
  const table = new SeriesTable();
  const state = newSampleState();
  let round: SampleBatch[] = [];
  const poller = createPoller({
    engine,
    library: loadProfiles(),
    devices: config.devices,
    poll: config.poll,
    credentials: config.credentials,
    clock,
    async onReading(reading) {
      if (reading.kind !== "answered") throw new Error(`${reading.device}: ${reading.message}`);
      round.push(samplesOf(reading, table, state));
    },
    onError(device, error) {
      throw new Error(`recording of ${device}`, { cause: error });
    },
  });
  const recording: Recording = [];
  try {
    for (let number = 0; number < rounds; number += 1) {
      round = [];
      for (const { name } of lab.devices) {
        nowMs += Math.floor(intervalMs / lab.devices.length);
        await poller.pollNow(name);
      }
      recording.push(round);
    }
  } finally {
    engine.close();
    await poller.stop();
    await lab.stop();
  }
  return recording;
}

/** As many sites as are wanted, alike in shape; each with devices of its own names. No two of them share a block. */
export function multiply(recording: Recording, sites: number): Recording {
  const copies = Array.from({ length: sites }, (_, site) => rename(recording, `site${site}`));
  return recording.map((_, number) => copies.flatMap((copy) => copy[number] ?? []));
}

function rename(recording: Recording, site: string): Recording {
  const layouts = new Map<SeriesList, SeriesList>();
  return recording.map((round) =>
    round.map((batch) => {
      const device = `${site}-${batch.device}`;
      const series =
        layouts.get(batch.series) ??
        listOf(Array.from(batch.series, ({ name, labels }) => ({ name, labels: { ...labels, device } })));
      layouts.set(batch.series, series);
      return { ...batch, device, series };
    }),
  );
}

export function samplesIn(recording: Recording): number {
  return recording.reduce((sum, round) => sum + round.reduce((some, batch) => some + batch.values.length, 0), 0);
}
