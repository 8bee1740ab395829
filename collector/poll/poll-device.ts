import type { Failure, SnmpEngine, Target, Walk, WalkOutcome } from "../device/snmp/index.ts";
import type { Profile, ProfileLibrary } from "../profile/index.ts";
import { Board } from "./board.ts";
import { type Composed, compose, uptimeOf } from "./compose.ts";
import { fullLayout, identityLayout, type Layout, questionLayout, SYSTEM } from "./layout.ts";
import { FULL_EVERY_POLLS, learn } from "./learn.ts";
import { Polled } from "./polled.ts";
import type { Answered, Reading, Unanswered } from "./reading.ts";
import type { DeviceState, Sheets } from "./state.ts";

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

  let read = await poll.read(profile);
  if (!("composed" in read)) return poll.unanswered(read);
  if (!read.whole && (isStale(read, state) || (poll.looksAtSlow(read) && !(await poll.slowStands())))) {
    const again = await poll.readAll(profile);
    if ("composed" in again) read = again;
    else read.cutShort = again.message;
  }
  settle(state, read);
  return poll.answered(read);
}

interface Read {
  composed: Composed;
  polled: Polled;
  readAtMs: number;
  cutShort: string;
  /** Everything was read, the slow-moving as well. */
  whole: boolean;
}

/** Whether what is remembered of slow-moving things no longer fits: then the same poll reads everything. */
function isStale({ composed, polled }: Read, state: DeviceState): boolean {
  if (composed.discontinuity === "reboot" || composed.renumbered.length > 0) return true;
  const tableChange = polled.scalarNumber(SYSTEM.tableChange);
  if (tableChange !== undefined && tableChange !== state.tableChange) return true;
  return composed.interfaces !== state.interfaces && hasNewNames(composed, state);
}

function hasNewNames({ interfaces }: Composed, state: DeviceState): boolean {
  const names = new Set(state.interfaces.map(({ name }) => name));
  return interfaces.some(({ name }) => !names.has(name));
}

/** Leaves what the next poll is judged against. */
function settle(state: DeviceState, read: Read): void {
  const { composed, polled, readAtMs, cutShort } = read;
  state.uptime = uptimeOf(polled, readAtMs);
  if (cutShort === "") state.interfaces = composed.interfaces;
  // A port that came up may have another speed: the next poll reads everything.
  if (state.board?.moved && state.tableChange !== undefined) state.pollsSinceFull = FULL_EVERY_POLLS;
  const { objectId } = composed.system;
  // Another device answers at this address: the next poll asks who it is.
  if (objectId !== "" && objectId !== state.objectId) forgetProfile(state);
}

function forgetProfile(state: DeviceState): void {
  state.profile = undefined;
  state.fast = undefined;
  state.sheets = undefined;
  state.board = undefined;
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

  /** What this poll has to ask, and what it says. */
  read(profile: Profile): Promise<Read | Failure> {
    const { fast, sheets, pollsSinceFull } = this.#input.state;
    if (fast && sheets) return this.#readSheet(profile, fast, sheets);
    return fast && pollsSinceFull < FULL_EVERY_POLLS ? this.#readFast(profile, fast) : this.readAll(profile);
  }

  /** Everything, from which the next polls are planned. */
  async readAll(profile: Profile): Promise<Read | Failure> {
    const { state } = this.#input;
    const layout = fullLayout(profile);
    const outcome = await this.#walk(layout);
    if (outcome.kind !== "ok") return this.#fromIdentity(profile, outcome);
    const { cells, cutShort } = outcome;
    if (cutShort === "") {
      learn(state, { profile, layout, cells });
      const { fast, sheets } = state;
      if (fast && sheets) return this.#fromSheets(profile, fast, sheets, true);
    }
    return this.#compose(profile, new Polled({ cells, layout, remembered: state.slow }), { cutShort, whole: true });
  }

  async #readFast(profile: Profile, layout: Layout): Promise<Read | Failure> {
    const { state } = this.#input;
    const outcome = await this.#walk(layout);
    if (outcome.kind !== "ok") return outcome;
    const { cells, cutShort } = outcome;
    state.pollsSinceFull += 1;
    return this.#compose(profile, new Polled({ cells, layout, remembered: state.slow }), { cutShort, whole: false });
  }

  /** The usual poll of a device that keeps its rows; one that has others now is read anew. */
  async #readSheet(profile: Profile, layout: Layout, sheets: Sheets): Promise<Read | Failure> {
    const { state, engine, target, budgetMs } = this.#input;
    const sheet = sheets.fast;
    const outcome = await engine.walkSheet(target, sheet, this.#startedAtMs + budgetMs);
    this.#requests += outcome.requests;
    if (sheet.wordsChanged) state.board = undefined;
    if (outcome.kind === "changed") {
      state.misfits += 1;
      return this.readAll(profile);
    }
    if (outcome.kind !== "ok") return outcome;
    state.pollsSinceFull += 1;
    const { cutShort } = outcome;
    if (cutShort !== "") {
      const polled = new Polled({ cells: sheet, layout, remembered: state.slow });
      return this.#compose(profile, polled, { cutShort, whole: false });
    }
    return this.#fromSheets(profile, layout, sheets, false);
  }

  #fromSheets(profile: Profile, layout: Layout, sheets: Sheets, whole: boolean): Read {
    const { state, engine, target } = this.#input;
    const readAtMs = engine.clock.monotonicMs();
    const polled = new Polled({ cells: sheets.fast, layout, remembered: state.slow });
    const options = { polled, profile, state, device: target.name, readAtMs };
    const composed = state.board?.update(options) ?? (state.board = new Board(sheets, options)).composed;
    return { composed, polled, readAtMs, cutShort: "", whole };
  }

  /** Whether it is time to look at what moves slowly. */
  looksAtSlow(read: Read): boolean {
    const { sheets, pollsSinceFull } = this.#input.state;
    return sheets !== undefined && pollsSinceFull >= FULL_EVERY_POLLS && read.cutShort === "";
  }

  /** Looks whether what moves slowly is as remembered. A device that cannot say is asked again soon. */
  async slowStands(): Promise<boolean> {
    const { state, engine, target, budgetMs } = this.#input;
    if (!state.sheets) return true;
    const { slow } = state.sheets;
    const outcome = await engine.walkSheet(target, slow, this.#startedAtMs + budgetMs);
    this.#requests += outcome.requests;
    if (outcome.kind === "changed" || slow.wordsChanged || slow.numbersChanged) {
      state.board = undefined;
      return false;
    }
    if (outcome.kind !== "ok" || outcome.cutShort !== "") return true;
    state.pollsSinceFull = 0;
    state.misfits = 0;
    return true;
  }

  /** A device that said who it is and then fell silent did answer: its reading is only not the whole. */
  #fromIdentity(profile: Profile, failure: Failure): Read | Failure {
    if (!this.#identity || failure.kind === "closed") return failure;
    return this.#compose(profile, this.#identity, { cutShort: failure.message, whole: false });
  }

  #compose(profile: Profile, polled: Polled, how: Pick<Read, "cutShort" | "whole">): Read {
    const { state, engine, target } = this.#input;
    const readAtMs = engine.clock.monotonicMs();
    const composed = compose({ polled, profile, state, device: target.name, readAtMs });
    return { composed, polled, readAtMs, ...how };
  }

  async #walk(layout: Layout): Promise<WalkOutcome> {
    const { engine, target, state, budgetMs } = this.#input;
    const walk: Walk = {
      scalars: layout.scalars,
      columns: layout.columns,
      deadlineMs: this.#startedAtMs + budgetMs,
      valuesExpected: state.valuesExpected ?? expectedOf(layout),
    };
    const outcome = await engine.walkColumns(target, walk);
    this.#requests += outcome.requests;
    if (outcome.kind === "ok") brought.set(layout, Math.min(outcome.cells.count, EXPECTED_MAX));
    return outcome;
  }

  answered({ composed, cutShort }: Read): Answered {
    const reading: Answered = {
      kind: "answered",
      device: composed.device,
      takenAtMs: this.#takenAtMs,
      durationMs: this.#durationMs(),
      requests: this.#requests,
      system: composed.system,
      discontinuity: composed.discontinuity,
      interfaces: composed.interfaces,
      renumbered: composed.renumbered,
      processors: composed.processors,
      storages: composed.storages,
      sensors: composed.sensors,
      neighbours: composed.neighbours,
      addresses: composed.addresses,
      metrics: composed.metrics,
    };
    if (composed.profile !== undefined) reading.profile = composed.profile;
    if (cutShort !== "") reading.incomplete = cutShort;
    return reading;
  }

  #durationMs(): number {
    return this.#input.engine.clock.monotonicMs() - this.#startedAtMs;
  }

  unanswered(failure: Failure): Unanswered | Cancelled {
    const { message } = failure;
    const reason = reasonOf(failure);
    if (reason === "closed") return { kind: "cancelled", message };
    const takenAtMs = this.#takenAtMs;
    const durationMs = this.#durationMs();
    return { kind: "unanswered", device: this.#input.target.name, takenAtMs, durationMs, reason, message };
  }
}

const EXPECTED_MAX = 4_096;
/** How many values the last walk of this layout brought: a device of the same kind will bring about as many. */
const brought = new WeakMap<Layout, number>();

function expectedOf(layout: Layout): number {
  return Math.max(16, brought.get(layout) ?? 256);
}

const AUTHORIZATION_ERROR = 16;

function reasonOf(failure: Failure): Unanswered["reason"] | "closed" {
  if (failure.kind !== "error-status") return failure.kind;
  return failure.status === AUTHORIZATION_ERROR ? "unauthenticated" : "garbage";
}
