import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { CollectorConfig } from "../config/index.ts";
import { type DeviceStore, openDeviceStore } from "../inventory/index.ts";
import { openOutbox, type Outbox } from "../outbox/index.ts";
import { type MemoryStore, openMemoryStore } from "../rule/index.ts";
import { openSpool, type Spool } from "../spool/index.ts";
import { type FactStore, openFactStore } from "../topology/index.ts";
import { gapEvent } from "./gap-event.ts";

export interface Stores {
  outbox: Outbox;
  spool: Spool;
  memory: MemoryStore;
  facts: FactStore;
  devices: DeviceStore;
  close(): void;
}

/** Everything that survives a restart, below one folder. Throws, left nothing open, when one cannot be opened. */
export function openStores(options: { config: CollectorConfig; dataDir: string; clock: Clock; log: Logger }): Stores {
  const { config, dataDir, clock, log } = options;
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(store: T): T => {
    opened.push(store);
    return store;
  };
  const close = (): void => {
    for (const store of opened.splice(0).toReversed()) store.close();
  };
  const nowMs = clock.nowMs();
  const onTrouble = (message: string): void => log.error(message);
  const state = (file: string) => ({ path: join(dataDir, "state", file), nowMs, onTrouble });
  try {
    mkdirSync(join(dataDir, "state"), { recursive: true, mode: 0o700 });
    const outbox = keep(
      openOutbox({ dir: join(dataDir, "outbox"), bytesMax: config.spool.eventsBytesMax, clock, log }),
    );
    const spool = keep(
      openSpool({
        dir: join(dataDir, "spool"),
        bytesMax: config.spool.samplesBytesMax,
        freeBytesMin: config.spool.freeBytesMin,
        resendWindowMs: config.remoteWrite.resendWindowMs,
        clock,
        log,
        onGap: async (gap) => void (await outbox.append(gapEvent(gap, clock.nowMs()))),
      }),
    );
    const memory = keep(openMemoryStore(state("rule.sqlite")));
    const facts = keep(openFactStore(state("topology.sqlite")));
    const devices = keep(openDeviceStore(state("inventory.sqlite")));
    return { outbox, spool, memory, facts, devices, close };
  } catch (error) {
    close();
    throw error;
  }
}
