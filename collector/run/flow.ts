import type { Device } from "@watchpost/proto";
import type { SitePart } from "../config/index.ts";
import { createSnmpEngine } from "../device/snmp/index.ts";
import { createInventory } from "../inventory/index.ts";
import { createPortNames, createSources, type PortNames, type Sources } from "../listen/index.ts";
import { createPoller, type Poller, type Reading } from "../poll/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { newSampleState, SeriesTable, samplesOf } from "../sample/index.ts";
import { createPollRequests } from "./poll-requests.ts";
import type { Context } from "./context.ts";
import { createDeviceBoard, type DeviceBoard } from "./device-board.ts";
import { createJudgement, type Judgement } from "./judgement.ts";
import type { Stores } from "./stores.ts";
import { Timers } from "./timers.ts";

/** A lost poll is confirmed after a breath, not within the same burst of loss. */
const CONFIRM_AFTER_MS = 500;
const TICK_MS = 1_000;

/** poll -> sample -> spool, and poll -> rule -> triage -> outbox. */
export interface Flow {
  poller: Poller;
  board: DeviceBoard;
  judgement: Judgement;
  /** Whose messages come in, and what they call the interfaces. */
  sources: Sources;
  ports: PortNames;
  /** Something was heard of this device: look soon. */
  ask: (device: string) => void;
  start(): void;
  /** Takes over a configuration; gives the names of the devices that left. */
  apply(site: SitePart): Promise<{ known: Device[]; left: string[] }>;
  stop(): Promise<void>;
}

export interface FlowOptions extends Context {
  stores: Stores;
  site: SitePart;
  /** What the hub should hear of a device. */
  onDevice(device: Device): void;
}

export function createFlow(options: FlowOptions): Flow {
  const { config, stores, clock, log } = options;
  const series = new SeriesTable();
  const counters = newSampleState();
  const timers = new Timers(clock);
  const later = (delayMs: number, work: () => void): void => timers.later(delayMs, work);
  const judgement = createJudgement({
    ...options,
    pollNow: (names) => later(CONFIRM_AFTER_MS, () => names.forEach((name) => void poller.pollNow(name))),
    onDeviceDown: (name) => tell(board.review(name)),
  });
  const { rules, enrichment } = judgement;
  const board = createDeviceBoard(createInventory(stores.devices), (name) => rules.isUnreadable(name));
  const engine = createSnmpEngine({ clock });
  const poller = createPoller({
    engine,
    library: loadProfiles(),
    devices: options.site.devices,
    poll: options.site.poll,
    credentials: config.credentials,
    clock,
    onReading: take,
    onError: (device, error) => log.error({ err: error, device }, "a reading could not be taken"),
  });

  const sources = createSources();
  const ports = createPortNames();
  const ask = createPollRequests({ clock, after: later, poll: (name) => void poller.pollNow(name) });

  async function take(reading: Reading): Promise<void> {
    if (reading.kind === "answered") ports.learn(reading);
    const numbers = samplesOf(reading, series, counters);
    const judged = rules.take(reading, numbers);
    tell(board.take(reading));
    await Promise.all([judged, stores.spool.append(numbers)]);
  }

  function tell(device: Device | undefined): void {
    if (device) options.onDevice(device);
  }

  function tick(): void {
    rules.tick().catch((error: unknown) => log.error({ err: error }, "held events could not be told"));
    later(TICK_MS, tick);
  }

  return {
    poller,
    board,
    judgement,
    sources,
    ports,
    ask,
    start() {
      poller.start();
      later(TICK_MS, tick);
    },
    async apply(site) {
      poller.update(site);
      sources.configure(site.devices);
      await rules.configure(site);
      return board.configure(site.devices);
    },
    async stop() {
      timers.cancelAll();
      engine.close();
      await poller.stop();
      await enrichment?.stop();
    },
  };
}
