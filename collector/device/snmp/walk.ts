import { Pdu } from "./ber.ts";
import type { CellReader, Cells } from "./cells.ts";
import type { Target } from "./credential.ts";
import { type Asker, Exchange } from "./exchange.ts";
import type { Exchanger } from "./exchanger.ts";
import { explainErrorStatus, explainGarbage } from "./explain.ts";
import type { Incoming } from "./incoming.ts";
import type { Oid } from "./oid.ts";
import type { Failure } from "./outcome.ts";
import { wrapPdu } from "./request.ts";
import type { Session } from "./session.ts";
import { REQUEST_BYTES_MAX, type Writer } from "./writer.ts";

const REQUESTS_MAX = 10_000;
const REPETITIONS_MAX = 50;
/** Bytes of a question around its OID, and of a message around its questions. */
const QUESTION_BYTES = 8;
const MESSAGE_BYTES = 250;
const TOO_BIG = 1;

export interface Walk {
  /** Single values, each by its OID without the final .0. */
  scalars?: readonly Oid[];
  /** Table columns. */
  columns: readonly Oid[];
  /** Steady clock after which no further request is sent. */
  deadlineMs?: number;
  /** About how many values the walk will bring; learnt from the last one. */
  valuesExpected?: number;
}

export interface WalkDone {
  kind: "ok";
  requests: number;
  /** Why the walk is not whole, or empty. What is there is true all the same. */
  cutShort: string;
}

export type WalkEnd = WalkDone | (Failure & { requests: number });

export interface Walked extends WalkDone {
  /** Columns are numbered as asked: scalars first, then columns. */
  cells: Cells;
}

export type WalkOutcome = Walked | (Failure & { requests: number });

/** "changed": the agent's rows are others than the sheet's, and what was read is worth nothing. */
export type SheetOutcome = WalkEnd | { kind: "changed"; requests: number };

/** What one request asked: the columns by number, the first of them scalars, which are answered once. */
export interface Asked {
  readonly numbers: number[];
  scalars: number;
  repetitions: number;
}

/** Which columns a walk still has to read, and where what it reads goes. */
export interface Plan {
  readonly cells: CellReader;
  /** A limit was met: what is read is not the whole. */
  readonly cutShort: boolean;
  readonly isDone: boolean;
  readonly keepsAnswers: boolean;
  /** The first column from this number on that still waits, scalars first; -1 when there is none. */
  nextWaiting(from: number): number;
  isScalar(number: number): boolean;
  /** Of the OID that a column asks behind. */
  questionBytes(number: number): number;
  writeQuestion(writer: Writer, number: number): void;
  /** How many rows are worth asking for. */
  rowsLeft(asked: readonly number[]): number;
  /** Reads the varbinds of an answer and says how many there are; -1 when they are malformed. */
  read(incoming: Incoming, asked: Asked): number;
  /** Takes in an answer without an error that was read. */
  absorb(asked: Asked, incoming: Incoming): void;
  /** Leaves a column that the agent cannot serve. */
  drop(number: number): void;
  finish(): void;
}

export interface WalkerOptions {
  exchanger: Exchanger;
  session: Session;
  target: Target;
  plan: Plan;
  /** Steady clock after which no further request is sent. */
  deadlineMs?: number | undefined;
}

/** Reads all columns side by side, one request under way at a time, each column continued from its own last OID. */
export class Walker implements Asker {
  readonly #options: WalkerOptions;
  readonly #settle: (ended: WalkEnd) => void;
  readonly #wasSilent: boolean;
  readonly #exchange: Exchange;
  readonly #attempts: Asked[] = [];
  /** Of the attempts, those of the question under way; their objects are used again for the next. */
  #attemptsMade = 0;
  #varbinds = 0;
  #requests = 0;
  #answers = 0;
  #sawTimeout = false;
  /** Of the question under way: a detour of the same try is no further time-out. */
  #triesNoted = 1;
  /** What was known of the agent before its first time-out. */
  #before: { varbindsMax: number; bulk: Session["bulk"] } | undefined;

  constructor(options: WalkerOptions, settle: (ended: WalkEnd) => void) {
    this.#options = options;
    this.#wasSilent = options.session.silent;
    this.#settle = settle;
    const { exchanger, session, target } = options;
    this.#exchange = new Exchange({ exchanger, session, target, asker: this });
  }

  step(): void {
    const { exchanger, plan, deadlineMs } = this.#options;
    if (plan.isDone) return this.#end(plan.cutShort ? "a table is larger than the limit" : "");
    if (this.#requests >= REQUESTS_MAX) return this.#end(`${REQUESTS_MAX} requests were not enough`);
    if (this.#requests > 0 && deadlineMs !== undefined && exchanger.clock.monotonicMs() >= deadlineMs)
      return this.#end(`its time was over after ${this.#requests} requests`);
    this.#attemptsMade = 0;
    this.#triesNoted = 1;
    this.#before = undefined;
    this.#exchange.ask();
  }

  writePdu(writer: Writer, requestId: number, tries: number): number {
    const { session, target, plan } = this.#options;
    this.#requests += 1;
    if (tries > this.#triesNoted) this.#noteTimeout(tries);
    const isBulk = target.credential.version !== "v1" && session.bulk !== "fails";
    const asked = this.#choose(Math.min(session.varbindsMax, session.columnsMax));
    const end = writer.at;
    for (let i = asked.numbers.length - 1; i >= 0; i--) plan.writeQuestion(writer, asked.numbers[i] as number);
    wrapPdu(writer, end, {
      type: isBulk ? Pdu.GetBulk : Pdu.GetNext,
      requestId,
      first: isBulk ? asked.scalars : 0,
      second: isBulk ? asked.repetitions : 0,
    });
    return this.#attemptsMade - 1;
  }

  /** The waiting columns that fit one request, scalars first. */
  #choose(columnsMax: number): Asked {
    const { plan, session } = this.#options;
    const asked = this.#nextAttempt();
    const { numbers } = asked;
    let bytes = MESSAGE_BYTES;
    for (let number = plan.nextWaiting(0); number >= 0; number = plan.nextWaiting(number + 1)) {
      bytes += QUESTION_BYTES + plan.questionBytes(number);
      if (numbers.length > 0 && (numbers.length >= columnsMax || bytes > REQUEST_BYTES_MAX)) break;
      numbers.push(number);
      if (plan.isScalar(number)) asked.scalars += 1;
    }
    const repeated = numbers.length - asked.scalars;
    if (repeated === 0) return asked;
    const room = Math.floor((session.varbindsMax - asked.scalars) / repeated);
    asked.repetitions = Math.min(REPETITIONS_MAX, Math.max(1, room), plan.rowsLeft(numbers));
    return asked;
  }

  #nextAttempt(): Asked {
    const asked = this.#attempts[this.#attemptsMade] ?? { numbers: [], scalars: 0, repetitions: 0 };
    this.#attempts[this.#attemptsMade] = asked;
    this.#attemptsMade += 1;
    asked.numbers.length = 0;
    asked.scalars = 0;
    asked.repetitions = 0;
    return asked;
  }

  #noteTimeout(tries: number): void {
    const { session, target } = this.#options;
    this.#sawTimeout = true;
    this.#triesNoted = tries;
    this.#before ??= { varbindsMax: session.varbindsMax, bulk: session.bulk };
    // Silence of a device that was silent before is no news about the size of its answers.
    if (!this.#wasSilent || this.#answers > 0) session.shrinkAfterTimeout();
    // An agent that never answered a GETBULK may know only GETNEXT: the last try finds out.
    if (session.bulk === "untried" && tries === target.retries + 1) session.bulk = "fails";
  }

  get keepsAnswers(): boolean {
    return this.#options.plan.keepsAnswers;
  }

  read(incoming: Incoming, shape: number): boolean {
    this.#varbinds = this.#options.plan.read(incoming, this.#asked(shape));
    return this.#varbinds >= 0;
  }

  #asked(shape: number): Asked {
    const asked = shape < this.#attemptsMade ? this.#attempts[shape] : undefined;
    if (asked) return asked;
    throw new Error(`device ${this.#options.target.name}: answer to attempt ${shape} of ${this.#attemptsMade}`);
  }

  onResponse(incoming: Incoming, shape: number): void {
    const { session, target, plan } = this.#options;
    const asked = this.#asked(shape);
    this.#answers += 1;
    // The answer to the first question came after all: it was late, not lost, and asking for less helps nobody.
    if (shape === 0 && this.#before) Object.assign(session, this.#before);
    if (incoming.errorStatus !== 0) return this.#onError(incoming, asked);
    if (this.#varbinds === 0) {
      if (session.shrinkAfterTooBig(sizeOf(asked))) return this.step();
      return this.#settleFailure(explainGarbage(target, "the agent answers walks without a value"));
    }
    if (session.bulk === "untried" && target.credential.version !== "v1") session.bulk = "works";
    plan.absorb(asked, incoming);
    this.step();
  }

  #onError(incoming: Incoming, asked: Asked): void {
    const { session, target, exchanger } = this.#options;
    const { errorStatus, errorIndex } = incoming;
    if (errorStatus === TOO_BIG) {
      exchanger.counters.tooBig += 1;
      if (session.shrinkAfterTooBig(sizeOf(asked))) return this.step();
      return this.#settleFailure(explainErrorStatus(target, errorStatus, errorIndex));
    }
    // One column is beyond the view, or at its end in SNMPv1: the others go on. Each turn drops one, so it ends.
    const culprit = asked.numbers[errorIndex - 1] ?? (asked.numbers.length === 1 ? asked.numbers[0] : undefined);
    if (culprit === undefined) return this.#settleFailure(explainErrorStatus(target, errorStatus, errorIndex));
    this.#options.plan.drop(culprit);
    this.step();
  }

  onFailure(failure: Failure): void {
    const { session } = this.#options;
    // Nothing was learnt about GETBULK from an agent that said nothing at all.
    if (session.bulk === "fails" && this.#answers === 0) session.bulk = "untried";
    // What was read before the agent fell silent is true all the same.
    if (this.#answers > 0 && failure.kind !== "closed") this.#end(failure.message);
    else this.#settleFailure(failure);
  }

  #settleFailure(failure: Failure): void {
    this.#settle({ ...failure, requests: this.#requests });
  }

  #end(cutShort: string): void {
    if (!this.#sawTimeout) this.#options.session.noteCleanWalk();
    this.#options.plan.finish();
    this.#settle({ kind: "ok", requests: this.#requests, cutShort });
  }
}

function sizeOf(asked: Asked): { columns: number; repetitions: number } {
  return { columns: asked.numbers.length, repetitions: asked.repetitions };
}
