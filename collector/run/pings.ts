import type { CollectorConfig, DeviceConfig } from "../config/index.ts";
import { createPinger, isLoopback, openIcmpSocket, type Pinger } from "../device/icmp/index.ts";
import { BatchBuilder, type SampleBatch, type SeriesTable } from "../sample/index.ts";
import type { Context } from "./context.ts";
import { Timers } from "./timers.ts";

const WITNESS_COUNT = 2;

/** Round trip and loss of every device, and a second witness before a device is called dead. */
export interface Pings {
  configure: (devices: readonly DeviceConfig[]) => void;
  /** Whether the host answers now; undefined where it cannot be asked. */
  witness: (device: string) => Promise<boolean | undefined>;
  stop: () => void;
}

export interface PingsOptions extends Pick<Context, "clock" | "random" | "log"> {
  config: CollectorConfig["ping"];
  table: SeriesTable;
  append: (batch: SampleBatch) => Promise<void>;
}

export function startPings({ config, clock, random, log, table, append }: PingsOptions): Pings {
  const timers = new Timers(clock);
  const pinger = config.enabled ? openPinger({ clock, log }) : undefined;
  let addresses = new Map<string, string>();
  let stopped = false;

  async function round(device: string, address: string, pinger: Pinger): Promise<void> {
    const takenAtMs = clock.nowMs();
    const { sent, received, roundTripMs } = await pinger.ping(address, config);
    if (stopped) return;
    const builder = new BatchBuilder(table.register(device));
    builder.add([], "device_icmp_loss_ratio", (sent - received) / sent);
    if (roundTripMs !== undefined) builder.add([], "device_icmp_round_trip_seconds", roundTripMs / 1_000);
    await append(builder.build(device, takenAtMs));
  }

  function plan(device: string, address: string, delayMs: number): void {
    if (!pinger) return;
    timers.later(delayMs, () => {
      // Gone, or at another address since: that one has a plan of its own.
      if (addresses.get(device) !== address) return;
      round(device, address, pinger)
        .catch((error: unknown) => log.error({ err: error, device }, "a ping could not be kept"))
        .finally(() => stopped || plan(device, address, config.intervalMs));
    });
  }

  const mayAsk = (address: string): boolean =>
    pinger?.canAsk(address) === true && (config.loopback || !isLoopback(address));

  return {
    configure(devices) {
      const before = addresses;
      const asked = devices.filter(({ address }) => mayAsk(address));
      addresses = new Map(asked.map(({ name, address }) => [name, address]));
      for (const [device, address] of addresses)
        if (before.get(device) !== address) plan(device, address, random() * config.intervalMs);
    },
    async witness(device) {
      const address = addresses.get(device);
      if (!pinger || address === undefined) return undefined;
      const { received } = await pinger.ping(address, { count: WITNESS_COUNT, timeoutMs: config.timeoutMs });
      return stopped ? undefined : received > 0;
    },
    stop() {
      stopped = true;
      timers.cancelAll();
      pinger?.close();
    },
  };
}

function openPinger({ clock, log }: Pick<Context, "clock" | "log">): Pinger | undefined {
  const icmp = openIcmpSocket();
  if (icmp.kind === "open") return createPinger({ socket: icmp.socket, clock });
  log.warn(`ping: ${icmp.message}`);
  return undefined;
}
