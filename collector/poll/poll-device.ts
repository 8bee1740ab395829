import type { Failure, SnmpEngine, Target, Walk, WalkOutcome } from "../device/snmp/index.ts";
import type { Profile, ProfileLibrary } from "../profile/index.ts";
import { type Composed, compose, uptimeOf } from "./compose.ts";
import { fullLayout, identityLayout, type Layout, questionLayout, SYSTEM } from "./layout.ts";
import { learn } from "./learn.ts";
import { Polled } from "./polled.ts";
import type { Reading, Unanswered } from "./reading.ts";
import type { DeviceState } from "./state.ts";

const FULL_EVERY_POLLS = 10;

export interface PollInput {
  engine: SnmpEngine;
  library: ProfileLibrary;
  target: Target;
  state: DeviceState;
  /** Time that the walk may take. */
  budgetMs: number;
}

/** The engine was closed under the poll or has no socket: nothing can be said of the device. */
export interface Cancelled {
  kind: "cancelled";
  message: string;
}

/** Asks one device everything that is due and says what it answered. Changes `state`; never throws for what a device sends. */
export async function pollDevice(input: PollInput): Promise<Reading | Cancelled> {
  const { state } = input;
  const poll = new Poll(input);
  const profile = state.profile ?? (await poll.identify());
  if ("message" in profile) return poll.unanswered(profile);
  state.profile = profile;

  const wasFast = state.fast !== undefined && state.pollsSinceFull < FULL_EVERY_POLLS;
  let read = await poll.read(profile, wasFast ? state.fast : undefined);
  if (!("composed" in read)) return poll.unanswered(read);
  if (wasFast && isStale(read.composed, state)) {
    const again = await poll.read(profile, undefined);
    if ("composed" in again) read = again;
    else read.cutShort = again.message;
  }
  settle(state, read);
  return { ...read.composed, ...poll.facts(), ...(read.cutShort === "" ? {} : { incomplete: read.cutShort }) };
}

interface Read {
  composed: Composed;
  polled: Polled;
  readAtMs: number;
  cutShort: string;
}

/** Whether what is remembered of slow-moving things no longer fits: then the same poll reads everything. */
function isStale(composed: Composed, state: DeviceState): boolean {
  const hasNewNames = composed.interfaces.some(({ name }) => !state.interfaces.has(name));
  return composed.discontinuity === "reboot" || composed.renumbered.length > 0 || hasNewNames;
}

/** Leaves what the next poll is judged against. */
function settle(state: DeviceState, read: Read): void {
  const { composed, polled, readAtMs, cutShort } = read;
  state.uptime = uptimeOf(polled, readAtMs);
  if (cutShort === "") state.interfaces = new Map(composed.interfaces.map(({ name, index }) => [name, index]));
  const { objectId } = composed.system;
  // Another device answers at this address: the next poll asks who it is.
  if (objectId !== "" && objectId !== state.objectId) forgetProfile(state);
}

function forgetProfile(state: DeviceState): void {
  state.profile = undefined;
  state.fast = undefined;
  state.slow = new Map();
}

/** The time and the requests of one poll. */
class Poll {
  #requests = 0;
  #identity: Polled | undefined;
  readonly #input: PollInput;
  readonly #takenAtMs: number;
  readonly #startedAtMs: number;

  constructor(input: PollInput) {
    this.#input = input;
    this.#takenAtMs = input.engine.clock.nowMs();
    this.#startedAtMs = input.engine.clock.monotonicMs();
  }

  async identify(): Promise<Profile | Failure> {
    const { library, state } = this.#input;
    const outcome = await this.#walk(identityLayout);
    if (outcome.kind !== "ok") return outcome;
    const polled = new Polled({ cells: outcome.cells, layout: identityLayout, remembered: new Map() });
    this.#identity = polled;
    state.objectId = polled.scalar(SYSTEM.objectId)?.text ?? "";
    const description = polled.scalar(SYSTEM.description)?.text ?? "";
    if (!library.isOpen(state.objectId)) return library.match(state.objectId, description);
    return library.match(state.objectId, description, await this.#answered(library.questions));
  }

  /** Which of the questions the device has an answer to; none when it falls silent, for then its reading will say so. */
  async #answered(questions: readonly string[]): Promise<Set<string>> {
    const layout = questionLayout(questions);
    const outcome = await this.#walk(layout);
    if (outcome.kind !== "ok") return new Set();
    const { cells } = outcome;
    return new Set(questions.filter((oid) => cells.length(layout.numbers.get(oid) ?? -1) > 0));
  }

  /** One walk and what it says; without a layout it is a full one, from which the next polls are planned. */
  async read(profile: Profile, fast: Layout | undefined): Promise<Read | Failure> {
    const { state } = this.#input;
    const layout = fast ?? fullLayout(profile);
    const outcome = await this.#walk(layout);
    if (outcome.kind !== "ok") return this.#fromIdentity(profile, outcome);
    const { cells, cutShort } = outcome;
    if (fast) state.pollsSinceFull += 1;
    else if (cutShort === "") learn(state, { profile, layout, cells });
    return this.#compose(profile, new Polled({ cells, layout, remembered: state.slow }), cutShort);
  }

  /** A device that said who it is and then fell silent did answer: its reading is only not the whole. */
  #fromIdentity(profile: Profile, failure: Failure): Read | Failure {
    if (!this.#identity || failure.kind === "closed") return failure;
    return this.#compose(profile, this.#identity, failure.message);
  }

  #compose(profile: Profile, polled: Polled, cutShort: string): Read {
    const { state, engine, target } = this.#input;
    const readAtMs = engine.clock.monotonicMs();
    return { composed: compose({ polled, profile, state, device: target.name, readAtMs }), polled, readAtMs, cutShort };
  }

  async #walk(layout: Layout): Promise<WalkOutcome> {
    const { engine, target, state, budgetMs } = this.#input;
    const walk: Walk = {
      scalars: layout.scalars,
      columns: layout.columns,
      deadlineMs: this.#startedAtMs + budgetMs,
      valuesExpected: state.valuesExpected,
    };
    const outcome = await engine.walkColumns(target, walk);
    this.#requests += outcome.requests;
    return outcome;
  }

  facts(): { takenAtMs: number; durationMs: number; requests: number } {
    const durationMs = this.#input.engine.clock.monotonicMs() - this.#startedAtMs;
    return { takenAtMs: this.#takenAtMs, durationMs, requests: this.#requests };
  }

  unanswered(failure: Failure): Unanswered | Cancelled {
    const { message } = failure;
    const reason = reasonOf(failure);
    if (reason === "closed") return { kind: "cancelled", message };
    const { takenAtMs, durationMs } = this.facts();
    return { kind: "unanswered", device: this.#input.target.name, takenAtMs, durationMs, reason, message };
  }
}

const AUTHORIZATION_ERROR = 16;

function reasonOf(failure: Failure): Unanswered["reason"] | "closed" {
  if (failure.kind !== "error-status") return failure.kind;
  return failure.status === AUTHORIZATION_ERROR ? "unauthenticated" : "garbage";
}
