import { create } from "@bufbuild/protobuf";
import { EventKind, EventState, Severity, TrustBundleSchema } from "@watchpost/proto";
import { pino } from "pino";
import type { IdentityStore } from "../../../collector/enroll/index.ts";
import type { Disk } from "../../../collector/journal/index.ts";
import { createLink, type Link, type OpenStream } from "../../../collector/link/index.ts";
import { openOutbox, type Outbox } from "../../../collector/outbox/index.ts";
import { gapEvent } from "../../../collector/run/gap-event.ts";
import { createShipperOver, type Shipper } from "../../../collector/remote-write/index.ts";
import { BatchBuilder, SeriesTable } from "../../../collector/sample/index.ts";
import { openSpool, type Spool } from "../../../collector/spool/index.ts";
import type { Bug } from "./bug.ts";
import { plantInOutbox, plantInSpool } from "./plant.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { SimulatedStore } from "./store.ts";
import type { SiteClock, World } from "./world.ts";

const EVENT_EVERY_MS = 900;
const SAMPLE_EVERY_MS = 1_500;
const SAMPLES_A_POLL_MAX = 120;
const FREE_BYTES_MIN = 2_000;
const EVENTS_BYTES_MAX = 10_000_000;
const log = pino({ level: "silent" });

const nobody: IdentityStore = {
  current: () => ({
    collectorId: "c1",
    site: "harbor",
    certificatePem: "",
    privateKeyPem: "",
    trust: create(TrustBundleSchema, {}),
    linkAddress: "hub",
    remoteWriteUrl: "",
  }),
  replace: () => undefined,
};

export interface CollectorOptions {
  world: World;
  random: Random;
  clock: SiteClock;
  ledger: Ledger;
  disk: Disk;
  owner: string;
  openStream: OpenStream;
  store: SimulatedStore;
  samplesBytesMax: number;
  /** Numbers for what is handed in; they outlive a restart. */
  nextNumber: () => number;
  bug: Bug | undefined;
}

/** One life of a collector: the real outbox, spool and link, from a start to a crash or a stop. */
export class SimulatedCollector {
  readonly #options: CollectorOptions;
  readonly #outbox: Outbox;
  readonly #spool: Spool;
  readonly #link: Link;
  readonly #shipper: Shipper;
  readonly #series = new SeriesTable();
  #alive = true;
  #works = true;

  constructor(options: CollectorOptions) {
    this.#options = options;
    const { clock, disk, random, bug } = options;
    options.world.owner = options.owner;
    const bytesMax = EVENTS_BYTES_MAX;
    this.#outbox = plantInOutbox(openOutbox({ dir: "/outbox", disk, bytesMax, clock, log }), bug);
    this.#spool = plantInSpool(
      openSpool({
        dir: "/spool",
        disk,
        bytesMax: options.samplesBytesMax,
        freeBytesMin: FREE_BYTES_MIN,
        clock,
        log,
        onGap: async (gap) => void (await this.#outbox.append(gapEvent(gap, clock.nowMs()))),
      }),
      bug,
    );
    this.#shipper = createShipperOver({
      spool: this.#spool,
      target: { name: "the store" },
      way: options.store.wayOf(options.owner),
      clock,
      random: () => random.next(),
      log,
    });
    this.#link = createLink({
      identity: nobody,
      outbox: this.#outbox,
      version: "simulated",
      allowedScripts: () => [],
      configVersion: () => 0,
      samplesPending: () => this.#spool.pending().samples,
      handlers: {
        onConfig: async () => ({ applied: true }),
        onOrder: () => undefined,
        onCancel: () => undefined,
        pendingScriptResults: () => [],
        onScriptResultAcked: () => undefined,
      },
      clock,
      random: () => random.next(),
      log,
      openStream: options.openStream,
    });
  }

  start(): void {
    this.#link.start();
    this.#noteWhatMayBeCountedTwice();
    this.#shipper.start();
    this.#every(EVENT_EVERY_MS, () => this.#produceEvent());
    this.#every(SAMPLE_EVERY_MS, () => this.#produceSamples());
  }

  /** Hands in nothing more; what is there is still delivered. */
  rest(): void {
    this.#works = false;
  }

  hasDelivered(): boolean {
    return this.#outbox.pending().events === 0 && this.#spool.pending().samples === 0;
  }

  pendingWords(): string {
    const { events } = this.#outbox.pending();
    const { samples, blocks } = this.#spool.pending();
    const { state, lastEnd } = this.#link.status();
    return `${events} events, ${samples} samples in ${blocks} blocks; the link is ${state} (${lastEnd ?? "no end yet"})`;
  }

  /** From here on nothing that this life does reaches anybody. */
  die(): void {
    this.#alive = false;
    this.#options.world.kill(this.#options.owner);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#link.stop(), this.#shipper.stop()]);
  }

  close(): void {
    this.#outbox.close();
    this.#spool.close();
  }

  #every(meanMs: number, work: () => void): void {
    const { world, random, owner } = this.#options;
    const delayMs = random.between(1, 2 * meanMs);
    world.after(
      delayMs,
      () => {
        if (!this.#alive) return;
        work();
        this.#every(meanMs, work);
      },
      owner,
    );
  }

  #produceEvent(): void {
    if (!this.#works) return;
    const { ledger, random, clock, nextNumber } = this.#options;
    const burst = random.chance(0.05) ? random.between(5, 40) : 1;
    for (let i = 0; i < burst; i += 1) {
      const device = `e${nextNumber()}`;
      const kept = this.#outbox.append({
        kind: EventKind.SYSLOG,
        state: EventState.MOMENT,
        severity: random.pick([Severity.INFO, Severity.WARNING, Severity.CRITICAL]),
        device,
        object: "",
        fingerprint: `syslog/${device}`,
        observedAtMs: clock.nowMs(),
        summary: "x".repeat(random.between(1, 300)),
        attributes: {},
      });
      this.#whenKept(kept, () => ledger.keptEvents.add(device));
    }
  }

  #produceSamples(): void {
    if (!this.#works) return;
    const { ledger, random, clock, nextNumber } = this.#options;
    const values = Array.from({ length: random.between(1, SAMPLES_A_POLL_MAX) }, () => nextNumber());
    const batch = new BatchBuilder(this.#series.register("sw1"));
    for (const [i, value] of values.entries()) batch.add(["interface", String(i)], "if_in_octets_total", value);
    const kept = this.#spool.append(batch.build("sw1", clock.nowMs()));
    for (const value of values) ledger.unsureSamples.add(value);
    this.#whenKept(kept, () => {
      for (const value of values) {
        ledger.keptSamples.add(value);
        ledger.unsureSamples.delete(value);
      }
    });
  }

  /** What a life had sent and could not note any more waits again: when it is given up it counts as lost, and is not. */
  #noteWhatMayBeCountedTwice(): void {
    const { ledger } = this.#options;
    const waiting = this.#spool.take(Number.MAX_SAFE_INTEGER);
    this.#spool.release(waiting.map((block) => block.id));
    for (const value of waiting.flatMap(({ batches }) => batches.flatMap((batch) => [...batch.values]))) {
      if (ledger.deliveredSamples.has(value)) ledger.unsureSamples.add(value);
    }
  }

  #whenKept(kept: Promise<unknown>, then: () => void): void {
    const settle = async (): Promise<void> => {
      try {
        await kept;
        if (this.#alive) then();
      } catch (error) {
        this.#options.world.note(`refused: ${String(error)}`);
      }
    };
    void settle();
  }
}
