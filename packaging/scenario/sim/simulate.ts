import type { Bug } from "./bug.ts";
import { SimulatedCollector } from "./collector.ts";
import { SimulatedHub } from "./hub.ts";
import { type Counts, Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import { PowerLossDisk } from "./power-loss-disk.ts";
import { type Random, seededRandom } from "./random.ts";
import { SimulatedStore } from "./store.ts";
import { settle, SiteClock, virtualTimers, World } from "./world.ts";

const STORMY_MS = 120_000;
const CALM_MS_MAX = 1_200_000;
const CALM_STEP_MS = 20_000;
/** Gaps are told at most once a minute. */
const CALM_MS_MIN = 140_000;
const FAULT_EVERY_MS = 9_000;
const MID_WRITE_STEPS_MAX = 60;
const CLOCK_STEP_MS_MAX = 86_400_000;
const AMPLE_BYTES = 10_000_000;
const FLIP_SHARE = 0.04;
const STORE_AWAY_MS_MAX = 60_000;
/** Now and then longer than the window within which what was sent may be sent again. */
const STORE_LONG_AWAY_MS_MAX = 600_000;
const LONG_AWAY_SHARE = 0.2;
const DISK_LEFT_BYTES_MAX = 12_000;
/** Most that the size of one torn bucket says beyond the samples in it. */
const TORN_SAMPLES_MAX = 40;

/** A clock that steps hides when something was sent: seeds have either that or a store that is killed. */
const KINDS = [
  "crash",
  "crash",
  "stop",
  "hub",
  "cut",
  "silence",
  "noise",
  "clear",
  "store-away",
  "store-away",
  "disk-full",
] as const;

export interface Simulated {
  seed: number;
  violations: string[];
  counts: Counts;
  faults: number;
  /** The same for the same seed. */
  trace: readonly string[];
}

/** One site, one hub and all their misfortunes; the seed decides everything. */
export async function simulate(seed: number, options: { bug?: Bug } = {}): Promise<Simulated> {
  const world = new World();
  const realTimers = virtualTimers(world);
  try {
    return await new Simulation(seed, world, options.bug).run();
  } finally {
    realTimers();
  }
}

class Simulation {
  readonly #seed: number;
  readonly #world: World;
  readonly #bug: Bug | undefined;
  readonly #random: Random;
  readonly #ledger = new Ledger();
  readonly #siteClock: SiteClock;
  readonly #hubClock: SiteClock;
  readonly #hub: SimulatedHub;
  readonly #network: Network;
  readonly #store: SimulatedStore;
  readonly #samplesBytesMax: number;
  #collector: SimulatedCollector | undefined;
  #disk: PowerLossDisk;
  #life = 0;
  #ended = false;
  #storeForgot = false;
  #number = 0;
  #faults = 0;

  constructor(seed: number, world: World, bug: Bug | undefined) {
    this.#seed = seed;
    this.#world = world;
    this.#bug = bug;
    this.#random = seededRandom(seed);
    this.#siteClock = new SiteClock(world);
    this.#hubClock = new SiteClock(world);
    this.#hub = new SimulatedHub(world, this.#random, this.#hubClock, bug);
    this.#network = new Network(world, this.#random, this.#hub);
    this.#store = new SimulatedStore(world, this.#random, this.#ledger);
    this.#disk = new PowerLossDisk(world, this.#random, bug !== "fsync-that-lies");
    this.#samplesBytesMax = this.#random.pick([20_000, 40_000, AMPLE_BYTES]);
  }

  async run(): Promise<Simulated> {
    this.#open();
    while (this.#world.nowMs < STORMY_MS) {
      await this.#world.runUntil(this.#world.nowMs + this.#random.between(1, 2 * FAULT_EVERY_MS));
      await this.#misfortune();
    }
    await this.#calm();
    const violations = this.#ledger.violations(this.#hub.stored);
    if (this.#collector && !this.#collector.hasDelivered()) {
      violations.push(`long after the last fault there still wait ${this.#collector.pendingWords()}`);
    }
    await this.#end();
    const counts = this.#ledger.counts(this.#hub.stored);
    return { seed: this.#seed, violations, counts, faults: this.#faults, trace: this.#world.trace };
  }

  #open(): void {
    const owner = `collector-${this.#life}`;
    // What a life sent without an answer, or could not note, may be given up by the next before anybody can look at it.
    const isShort = this.#disk.isLimited || this.#samplesBytesMax < AMPLE_BYTES;
    if (this.#ended && isShort)
      for (const value of this.#ledger.deliveredSamples) this.#ledger.unsureSamples.add(value);
    this.#world.note(`${owner} starts`);
    this.#collector = new SimulatedCollector({
      world: this.#world,
      random: this.#random,
      clock: this.#siteClock,
      ledger: this.#ledger,
      disk: this.#disk,
      owner,
      openStream: this.#network.opener(owner),
      store: this.#store,
      samplesBytesMax: this.#samplesBytesMax,
      nextNumber: () => (this.#number += 1),
      bug: this.#bug,
    });
    this.#collector.start();
  }

  async #misfortune(): Promise<void> {
    this.#faults += 1;
    const { weather } = this.#network;
    const random = this.#random;
    const kind = random.pick([...KINDS, this.#seed % 2 === 0 ? "clock" : "store-killed"]);
    this.#world.note(kind);
    switch (kind) {
      case "crash":
        return this.#crash();
      case "stop":
        return this.#stopCleanly();
      case "hub":
        return this.#restartHub();
      case "cut":
        return this.#network.cut();
      case "silence":
        weather.silentUntilMs = this.#world.nowMs + random.between(100, 60_000);
        return;
      case "noise":
        Object.assign(weather, { lossShare: 0.05, twiceShare: 0.1, overtakeShare: 0.1 });
        return;
      case "store-away":
        this.#store.awayUntilMs =
          this.#world.nowMs +
          random.between(1_000, random.chance(LONG_AWAY_SHARE) ? STORE_LONG_AWAY_MS_MAX : STORE_AWAY_MS_MAX);
        return;
      case "store-killed":
        // Without room for what was sent already nothing can be sent again: both at once is one fault too many.
        if (this.#disk.isLimited || this.#samplesBytesMax < AMPLE_BYTES) return;
        this.#storeForgot = true;
        this.#store.kill();
        return;
      case "disk-full":
        if (!this.#storeForgot) this.#disk.leave(random.between(0, DISK_LEFT_BYTES_MAX));
        return;
      case "clear":
        this.#disk.leave(undefined);
        Object.assign(weather, { silentUntilMs: 0, lossShare: 0, twiceShare: 0, overtakeShare: 0 });
        return;
      case "clock": {
        const clock = random.pick([this.#siteClock, this.#hubClock]);
        clock.offsetMs = random.between(-CLOCK_STEP_MS_MAX, CLOCK_STEP_MS_MAX);
        return;
      }
    }
  }

  /** Power loss: between two writes, or in the middle of one. */
  async #crash(): Promise<void> {
    const collector = this.#collector;
    if (!collector) return;
    // Promises that wait for a sync go on at each step: some of what was begun is never finished.
    const steps = this.#random.chance(0.7) ? this.#random.between(1, MID_WRITE_STEPS_MAX) : 0;
    for (let step = 0; step < steps && this.#world.runOne(); step += 1) await settle();
    collector.die();
    this.#ended = true;
    this.#ledger.tornSamplesMax += TORN_SAMPLES_MAX;
    const flips = this.#random.chance(FLIP_SHARE);
    if (flips) this.#ledger.damaged = true;
    const { disk, flipped } = this.#disk.afterPowerLoss({ flips });
    if (flips) this.#world.note(`bit turned in ${flipped ?? "nothing"}`);
    await settle();
    collector.close();
    this.#disk = disk;
    this.#life += 1;
    await this.#pauseAndOpen();
  }

  async #stopCleanly(): Promise<void> {
    const collector = this.#collector;
    if (!collector) return;
    const stopped = collector.stop();
    await this.#world.runUntil(this.#world.nowMs + 5_000);
    await stopped;
    collector.close();
    await settle();
    collector.die();
    this.#disk = this.#disk.afterStop();
    this.#ended = true;
    this.#life += 1;
    await this.#pauseAndOpen();
  }

  async #pauseAndOpen(): Promise<void> {
    await this.#world.runUntil(this.#world.nowMs + this.#random.between(10, 8_000));
    this.#open();
  }

  async #restartHub(): Promise<void> {
    this.#hub.kill();
    this.#network.cut();
    await this.#world.runUntil(this.#world.nowMs + this.#random.between(10, 20_000));
    this.#hub.start();
  }

  /** No more faults: everything has to arrive now. */
  async #calm(): Promise<void> {
    Object.assign(this.#network.weather, { silentUntilMs: 0, lossShare: 0, twiceShare: 0, overtakeShare: 0 });
    this.#disk.leave(undefined);
    this.#store.isCalm = true;
    this.#world.note("calm");
    // A store that was killed last is noticed with the next poll.
    await this.#world.runUntil(this.#world.nowMs + CALM_STEP_MS);
    this.#collector?.rest();
    const from = this.#world.nowMs;
    while (this.#world.nowMs - from < CALM_MS_MAX) {
      await this.#world.runUntil(this.#world.nowMs + CALM_STEP_MS);
      if (this.#world.nowMs - from > CALM_MS_MIN && this.#collector?.hasDelivered()) return;
    }
  }

  async #end(): Promise<void> {
    const stopped = this.#collector?.stop();
    await this.#world.runUntil(this.#world.nowMs + 5_000);
    await stopped;
    this.#collector?.close();
    this.#collector?.die();
  }
}
