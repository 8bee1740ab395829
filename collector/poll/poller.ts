import type { SitePart } from "../config/schema.ts";
import type { SnmpCredential } from "../device/snmp/index.ts";
import type { Poller, PollerOptions, PollerStats } from "./api.ts";
import { DueQueue } from "./due-queue.ts";
import { budgetMs, isSameAgent, type Planned, planned, targetOf, withoutCredential } from "./plan.ts";
import { type Cancelled, pollDevice } from "./poll-device.ts";
import type { Reading } from "./reading.ts";
import { Punctuality } from "./punctuality.ts";
import { backoffTurns, firstDueMs, nextDueMs, turnsBetween } from "./timing.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Starts are gathered into steps of this length: devices that are asked together share timers and system calls. */
const STEP_MS = 250;
/** What the kernel counts for one full datagram that waits to be read. */
const ANSWER_BYTES = 2_304;
const IN_FLIGHT_MIN = 16;
/** Readings that wait until they are durable, for each poll that may be under way: a disk is slow, and nobody need wait for it. */
const TAKEN_FACTOR = 4;

/** Polls every device at its interval, spread by its name, one poll of a device at a time. */
export function createPoller(options: PollerOptions): Poller {
  return new Schedule(options);
}

class Schedule implements Poller {
  readonly #options: PollerOptions;
  readonly #credentials: ReadonlyMap<string, SnmpCredential>;
  readonly #entries = new Map<string, Planned>();
  readonly #due = new DueQueue<Planned>();
  readonly #waiting = new WaitingLine();
  readonly #punctuality: Punctuality;
  #poll: SitePart["poll"];
  #originMs = 0;
  #running = false;
  #inFlight = 0;
  /** Readings that are not durable yet: their devices are not asked, and hold no place among the polls under way. */
  #taken = 0;
  #polls = 0;
  /** The step that the timer is set for; 0 while it is not. */
  #armedMs = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#poll = options.poll;
    this.#punctuality = new Punctuality(options.clock);
    this.#credentials = new Map(options.credentials.map((credential) => [credential.name, credential]));
    for (const device of options.devices) this.#entries.set(device.name, planned(device, options.poll, this.#nowMs()));
  }

  get stats(): PollerStats {
    const { overruns, crowded, latestMs, overrunning } = this.#punctuality;
    const longestMs = this.#nowMs() - (this.#waiting.dueMs ?? this.#nowMs());
    return {
      polls: this.#polls,
      inFlight: this.#inFlight,
      waiting: this.#waiting.size,
      overruns,
      crowded,
      latestMs: Math.max(latestMs, longestMs),
      snmp: this.#options.engine.counters,
      overrunning,
    };
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#originMs = this.#nowMs();
    for (const entry of this.#entries.values()) this.#planFirst(entry);
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#armedMs = 0;
    this.#cancelTimer();
    for (const entry of this.#waiting.clear()) entry.asked?.resolve(undefined);
    await Promise.allSettled([...this.#entries.values()].flatMap((entry) => entry.polling ?? []));
  }

  update(part: Pick<SitePart, "devices" | "poll">): void {
    this.#poll = part.poll;
    const wanted = new Map(part.devices.map((device) => [device.name, device]));
    for (const [name, entry] of this.#entries) {
      const device = wanted.get(name);
      const intervalMs = device?.intervalMs ?? part.poll.intervalMs;
      if (device && isSameAgent(entry.device, device) && entry.intervalMs === intervalMs) {
        entry.device = device;
        wanted.delete(name);
      } else this.#remove(entry);
    }
    for (const device of wanted.values()) {
      const entry = planned(device, part.poll, this.#nowMs());
      this.#entries.set(device.name, entry);
      if (this.#running) this.#planFirst(entry);
    }
    if (this.#running) this.#arm();
  }

  pollNow(device: string): Promise<Reading | undefined> {
    const entry = this.#entries.get(device);
    if (!entry) return Promise.resolve(undefined);
    if (entry.polling) return entry.polling;
    if (this.#hasRoom()) return this.#begin(entry);
    if (!entry.isWaiting) this.#waiting.pushFirst(entry);
    entry.asked ??= Promise.withResolvers();
    return entry.asked.promise;
  }

  #remove(entry: Planned): void {
    entry.removed = true;
    entry.isWaiting = false;
    entry.asked?.resolve(undefined);
    this.#entries.delete(entry.device.name);
    this.#punctuality.forget(entry.device.name);
  }

  #planFirst(entry: Planned): void {
    const { name } = entry.device;
    this.#plan(entry, firstDueMs({ name, nowMs: this.#nowMs(), intervalMs: entry.intervalMs }));
  }

  #plan(entry: Planned, dueMs: number): void {
    entry.dueMs = dueMs;
    this.#due.push(dueMs, entry);
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #arm(): void {
    const { nextMs } = this.#due;
    const step = nextMs === undefined || !this.#running ? 0 : Math.ceil(nextMs / STEP_MS) * STEP_MS;
    if (step === this.#armedMs) return;
    this.#cancelTimer();
    this.#armedMs = step;
    if (step === 0) return;
    this.#cancelTimer = this.#options.clock.after(Math.max(0, step - this.#nowMs()), () => this.#startDue());
  }

  #startDue(): void {
    this.#armedMs = 0;
    const nowMs = this.#nowMs();
    for (let due = this.#due.popDue(nowMs); due; due = this.#due.popDue(nowMs)) {
      const entry = due.value;
      // Removed, planned anew since, or under way by pollNow: that poll's end plans the next turn.
      if (entry.removed || entry.dueMs !== due.dueMs || entry.polling || entry.isWaiting) continue;
      this.#waiting.push(entry);
    }
    this.#startWaiting();
    this.#arm();
  }

  /** As many as are allowed, and no more than have room for an answer in the socket while the process is busy. */
  #hasRoom(): boolean {
    const { receiveBufferBytes } = this.#options.engine.counters;
    const socketMax = receiveBufferBytes === 0 ? Infinity : Math.floor(receiveBufferBytes / ANSWER_BYTES);
    const { inFlightMax } = this.#poll;
    if (this.#taken >= inFlightMax * TAKEN_FACTOR) return false;
    return this.#inFlight < Math.min(inFlightMax, Math.max(IN_FLIGHT_MIN, socketMax));
  }

  #startWaiting(): void {
    while (this.#waiting.size > 0 && this.#hasRoom()) {
      const entry = this.#waiting.take();
      if (!entry) return;
      this.#punctuality.noteBegin(this.#nowMs() - entry.dueMs);
      void this.#begin(entry);
    }
  }

  /** Starts a poll and gives its reading; when it has ended and was taken, the device's next turn is planned. */
  #begin(entry: Planned): Promise<Reading | undefined> {
    this.#inFlight += 1;
    entry.isWaiting = false;
    entry.startedMs = this.#nowMs();
    const polling = this.#run(entry);
    entry.polling = polling;
    entry.asked?.resolve(polling);
    entry.asked = undefined;
    return polling;
  }

  /** Every way a poll can end ends here: the schedule outlives bugs in what it calls. */
  async #run(entry: Planned): Promise<Reading | undefined> {
    const { onError } = this.#options;
    const { name } = entry.device;
    try {
      const reading = await this.#ask(entry).finally(() => (this.#inFlight -= 1));
      if (entry.removed) return undefined;
      if (reading.kind === "cancelled") {
        if (this.#running) onError(name, new Error(reading.message));
        return undefined;
      }
      this.#polls += 1;
      this.#note(entry, reading);
      await this.#take(reading);
      return reading;
    } catch (error) {
      onError(name, error);
      return undefined;
    } finally {
      entry.polling = undefined;
      this.#planNext(entry);
      this.#startWaiting();
    }
  }

  async #take(reading: Reading): Promise<void> {
    this.#taken += 1;
    try {
      const taken = this.#options.onReading(reading);
      this.#startWaiting();
      await taken;
    } finally {
      this.#taken -= 1;
    }
  }

  async #ask(entry: Planned): Promise<Reading | Cancelled> {
    const { engine, library, clock } = this.#options;
    const credential = this.#credentials.get(entry.device.credential);
    if (!credential) return withoutCredential(entry.device, clock.nowMs());
    const target = targetOf(entry, credential, this.#poll);
    return pollDevice({ engine, library, target, state: entry.state, budgetMs: budgetMs(entry) });
  }

  #note(entry: Planned, reading: Reading): void {
    if (reading.kind === "answered") {
      entry.unanswered = 0;
      entry.lastAnswerMs = this.#nowMs();
      entry.cutShort = reading.incomplete !== undefined && entry.state.fast === undefined ? entry.cutShort + 1 : 0;
    } else entry.unanswered += 1;
  }

  #planNext(entry: Planned): void {
    if (entry.removed || !this.#running) return;
    const nowMs = this.#nowMs();
    const { intervalMs, unanswered } = entry;
    const afterMs = Math.max(nowMs, entry.startedMs + intervalMs / 2);
    const from = nextDueMs({ name: entry.device.name, originMs: this.#originMs, afterMs, intervalMs });
    this.#punctuality.noteEnd(entry, turnsBetween({ fromMs: entry.dueMs, toMs: from, intervalMs }));
    const skipped = backoffTurns({ silentMs: nowMs - entry.lastAnswerMs, unanswered, intervalMs });
    this.#plan(entry, from + skipped * intervalMs);
    this.#arm();
  }
}
