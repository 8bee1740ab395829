import type { Device } from "@watchpost/proto";
import type { SitePart } from "../config/index.ts";
import { createSnmpEngine } from "../device/snmp/index.ts";
import { createInventory } from "../inventory/index.ts";
import { createPortNames, createSources, type PortNames, type Sources } from "../listen/index.ts";
import { createPoller, type Poller, type Reading } from "../poll/index.ts";
import { newSampleState, type SampleBatch, SeriesTable, samplesOf } from "../sample/index.ts";
import { type Pings, startPings } from "./pings.ts";
import { createPollRequests } from "./poll-requests.ts";
import type { Context } from "./context.ts";
import { createDeviceBoard, type DeviceBoard } from "./device-board.ts";
import { collectAfterFirstReadings } from "./first-readings.ts";
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
  series: SeriesTable;
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
  const [series, counters] = [new SeriesTable(), newSampleState()];
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
    library: options.library,
    devices: options.site.devices,
    poll: options.site.poll,
    credentials: config.credentials,
    clock,
    onReading: take,
    onError: (device, error) => log.error({ err: error, device }, "a reading could not be taken"),
  });

  const heard = { sources: createSources(), ports: createPortNames() };
  const ask = createPollRequests({ clock, after: later, poll: (name) => poller.pollNow(name) });
  const firstReadings = collectAfterFirstReadings();
  const append = (batch: SampleBatch): Promise<void> => stores.spool.append(batch);
  const pings = startPings({ ...options, config: config.ping, table: series, append });

  async function take(polled: Reading): Promise<void> {
    const reading = firstReadings.count(await withWitness(polled, pings));
    if (reading.kind === "answered") heard.ports.learn(reading);
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
    ...heard,
    ask,
    series,
    start() {
      poller.start();
      later(TICK_MS, tick);
    },
    async apply(site) {
      poller.update(site);
      heard.sources.configure(site.devices);
      pings.configure(site.devices);
      await rules.configure(site);
      return board.configure(site.devices);
    },
    async stop() {
      timers.cancelAll();
      pings.stop();
      engine.close();
      await poller.stop();
      await enrichment?.stop();
    },
  };
}

/** A silent agent may stand on a host that is well: that is asked before anybody is told that the device is dead. */
async function withWitness(reading: Reading, pings: Pings): Promise<Reading> {
  if (reading.kind === "answered" || reading.reason !== "timeout") return reading;
  const hostAnswers = await pings.witness(reading.device);
  return hostAnswers === undefined ? reading : { ...reading, hostAnswers };
}
