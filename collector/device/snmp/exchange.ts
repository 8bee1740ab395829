import { Pdu } from "./ber.ts";
import type { Target } from "./credential.ts";
import type { Exchanger } from "./exchanger.ts";
import { explainClosed, explainRefusal, explainSilence, explainUnauthenticated, type Heard } from "./explain.ts";
import { Flag, type Incoming, type Range } from "./incoming.ts";
import type { Failure } from "./outcome.ts";
import { communityMessage, discoveryMessage, userMessage } from "./request.ts";
import type { Engine, Session } from "./session.ts";
import { type Report, reportOf } from "./usm/report.ts";
import { isAuthentic, openScopedPdu } from "./usm/seal.ts";
import type { Writer } from "./writer.ts";

/** Datagrams that one question may cost beyond its tries: discovery, a new clock, a new engine. */
const DETOURS_MAX = 4;
const ENGINE_ID_BYTES_MAX = 64;

/** Who asks: writes the question, and takes the answer or the failure, exactly one of them, once. */
export interface Asker {
  /** Writes the PDU; `tries` counts from 1. The number returned comes back with the answer to this very attempt. */
  writePdu(writer: Writer, requestId: number, tries: number): number;
  /** Refers to what was answered afterwards, so that it must stay where it is. */
  readonly keepsAnswers: boolean;
  /** Reads the varbinds of an answer; false when they are malformed. */
  read(incoming: Incoming, shape: number): boolean;
  /** The answer; its contents hold only during the call. */
  onResponse(incoming: Incoming, shape: number): void;
  onFailure(failure: Failure): void;
}

/** One datagram of an exchange, by its id. */
export interface Attempt {
  exchange: Exchange;
  kind: "question" | "discovery";
  shape: number;
  sentMs: number;
}

/** One question to one agent, and then the next: tries, time-outs, SNMPv3 detours, and what was heard meanwhile. */
export class Exchange {
  readonly session: Session;
  readonly target: Target;
  readonly heard: Heard = { garbage: 0, elsewhere: 0, unauthentic: 0, discovered: false };
  /** Of every datagram sent: any of them may still be answered, late answers of slow agents included. */
  readonly ids: number[] = [];
  readonly #exchanger: Exchanger;
  readonly #asker: Asker;
  #tries = 0;
  #detours = 0;
  #rediscovers = false;
  #ended = true;
  readonly #endProbes: (() => void)[] = [];

  constructor(options: { exchanger: Exchanger; session: Session; target: Target; asker: Asker }) {
    this.#exchanger = options.exchanger;
    this.#asker = options.asker;
    this.session = options.session;
    this.target = options.target;
  }

  /** Puts a question; the one before must have ended. */
  ask(): void {
    const { heard, target } = this;
    heard.garbage = heard.elsewhere = heard.unauthentic = 0;
    heard.discovered = false;
    this.ids.length = 0;
    this.#endProbes.length = 0;
    this.#tries = this.#detours = 0;
    this.#ended = false;
    if (this.#exchanger.isClosed) this.fail(explainClosed(target, "the SNMP engine is closed"));
    else this.tryNext();
  }

  get keepsAnswers(): boolean {
    return this.#asker.keepsAnswers;
  }

  /** The id of the datagram whose time-out counts. */
  get lastId(): number {
    return this.ids[this.ids.length - 1] ?? 0;
  }

  onTimeout(): void {
    this.#exchanger.counters.timeouts += 1;
    this.tryNext();
  }

  /** Sends the next try, or reports that there is none left. */
  tryNext(): void {
    const triesMax = this.target.retries + 1;
    if (this.#tries >= triesMax) {
      this.session.silent = true;
      const timeoutMs = this.session.timeoutMs(this.target.timeoutMs);
      this.fail(explainSilence({ ...this.target, timeoutMs }, this.#tries, this.heard));
      return;
    }
    this.#tries += 1;
    // The last try asks who is there: an agent that was replaced drops what is meant for the old engine.
    this.#rediscovers = this.#tries === triesMax && triesMax > 1 && !this.heard.discovered;
    this.#send();
  }

  #send(): void {
    const { target, session } = this;
    const { writer } = this.#exchanger;
    const isDiscovery = target.credential.version === "v3" && (!session.engine || this.#rediscovers);
    const kind = isDiscovery ? "discovery" : "question";
    const attempt: Attempt = { exchange: this, kind, shape: 0, sentMs: 0 };
    const id = this.#exchanger.register(attempt);
    this.ids.push(id);
    writer.reset();
    if (isDiscovery) discoveryMessage(writer, id);
    else {
      attempt.shape = this.#asker.writePdu(writer, id, this.#tries);
      this.#wrap(writer, id);
    }
    this.#dispatch(attempt);
  }

  #wrap(writer: Writer, messageId: number): void {
    const { credential } = this.target;
    const { engine } = this.session;
    if (credential.version !== "v3") return communityMessage(writer, credential, this.session.community);
    if (!engine) throw new Error(`device ${this.target.name}: a question was written before its engine was known`);
    userMessage(writer, {
      session: this.session,
      engine,
      nowMs: this.#exchanger.clock.monotonicMs(),
      salt: this.#exchanger.nextSalt(),
      messageId,
    });
  }

  #dispatch(attempt: Attempt): void {
    const { deadlines, transport, writer } = this.#exchanger;
    attempt.sentMs = deadlines.add(this.lastId, this.session.timeoutMs(this.target.timeoutMs));
    if (this.#tries === 1 && !this.session.silent) transport.send(writer, this.session.peer);
    else this.#probe();
  }

  #probe(): void {
    const { transport, writer } = this.#exchanger;
    this.#endProbes.push(transport.probe(writer, this.session.peer, () => this.#onRefused()));
  }

  #onRefused(): void {
    this.#exchanger.counters.refused += 1;
    this.fail(explainRefusal(this.target));
  }

  /** An SNMPv1 or v2c message with the id of this attempt, from the right source. */
  onCommunityMessage(attempt: Attempt, incoming: Incoming): void {
    if (incoming.pduType !== Pdu.Response) return this.noteGarbage();
    this.#answer(attempt, incoming);
  }

  /** An SNMPv3 message with the id of this attempt, from the right source, not yet believed. */
  onUserMessage(attempt: Attempt, incoming: Incoming): void {
    const { credential } = this.target;
    if (credential.version !== "v3") return this.noteGarbage();
    const claimsAuth = (incoming.flags & Flag.auth) !== 0;
    const { engine } = this.session;
    const isOurEngine = engine !== undefined && isSame(incoming.bytes, incoming.engineId, engine.id);
    if (claimsAuth && !isOurEngine) return this.#noteUnauthentic();
    const keys = claimsAuth && isOurEngine ? engine.keys : {};
    if (claimsAuth && !isAuthentic(incoming, keys)) return this.#noteUnauthentic();
    const opened = openScopedPdu(incoming, keys);
    if (!opened || !incoming.readScopedHead(opened.bytes, opened.range)) return this.noteGarbage();
    if (incoming.pduType === Pdu.Report) return this.#onReport(attempt, incoming, claimsAuth);

    const level =
      (credential.authProtocol === "none" ? 0 : Flag.auth) | (credential.privProtocol === "none" ? 0 : Flag.priv);
    if ((incoming.flags & level) !== level || !isOurEngine) return this.#noteUnauthentic();
    if (incoming.pduType !== Pdu.Response || attempt.kind !== "question") return this.noteGarbage();
    if (incoming.requestId !== incoming.messageId) return this.noteGarbage();
    // Fresh by its random id under a MAC, so its clock may be believed even when it went backwards.
    if (claimsAuth) this.#setClock(engine, incoming);
    this.#answer(attempt, incoming);
  }

  #onReport(attempt: Attempt, incoming: Incoming, isAuthentic: boolean): void {
    const { counters } = this.#exchanger;
    if (!incoming.readVarbinds()) return this.noteGarbage();
    counters.reports += 1;
    const report = reportOf(incoming.varbinds);
    const length = incoming.engineId.end - incoming.engineId.start;
    switch (report) {
      case "unknown-engine":
        if (length === 0 || length > ENGINE_ID_BYTES_MAX) return this.noteGarbage();
        counters.discoveries += 1;
        this.heard.discovered = true;
        this.#rediscovers = false;
        this.#meet(incoming);
        return this.#detour(report);
      case "not-in-time-window":
        counters.resyncs += 1;
        if (isAuthentic && this.session.engine) this.#setClock(this.session.engine, incoming);
        else this.session.engine = undefined;
        return this.#detour(report);
      case "unknown-user":
      case "wrong-digest":
      case "decryption-error":
      case "unsupported-security-level":
      case "other":
        if (attempt.kind === "discovery") return this.noteGarbage();
        this.session.silent = false;
        return this.fail(explainUnauthenticated(this.target, report));
    }
  }

  /** Another engine than before, or one that nobody knew. */
  #meet(incoming: Incoming): void {
    const { credential } = this.target;
    if (credential.version !== "v3") return;
    const id = incoming.bytes.slice(incoming.engineId.start, incoming.engineId.end);
    const keys = this.#exchanger.keyRing.keysFor(credential, id);
    this.session.engine = { id, keys, boots: 0, time: 0, syncedAtMs: 0 };
    this.#setClock(this.session.engine, incoming);
  }

  #setClock(engine: Engine, incoming: Incoming): void {
    engine.boots = incoming.engineBoots;
    engine.time = incoming.engineTime;
    engine.syncedAtMs = this.#exchanger.clock.monotonicMs();
  }

  /** Asks again at once with what a report taught; bounded, for two agents may take turns behind one address. */
  #detour(report: Report): void {
    if (this.#ended) return;
    this.#detours += 1;
    if (this.#detours > DETOURS_MAX) this.fail(explainUnauthenticated(this.target, report));
    else this.#send();
  }

  noteGarbage(): void {
    this.heard.garbage += 1;
    this.#exchanger.counters.malformed += 1;
  }

  #noteUnauthentic(): void {
    this.heard.unauthentic += 1;
    this.#exchanger.counters.unauthentic += 1;
  }

  #answer(attempt: Attempt, incoming: Incoming): void {
    if (!this.#asker.read(incoming, attempt.shape)) return this.noteGarbage();
    if (!this.#end()) return;
    this.session.silent = false;
    this.#exchanger.counters.matched += 1;
    if (this.#tries > 1 || this.session.isSlow)
      this.session.noteRoundTrip(this.#exchanger.clock.monotonicMs() - attempt.sentMs, this.target.timeoutMs);
    this.#asker.onResponse(incoming, attempt.shape);
  }

  fail(failure: Failure): void {
    if (!this.#ended && failure.kind === "timeout") this.#exchanger.rememberUnanswered(this);
    if (this.#end()) this.#asker.onFailure(failure);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    for (const endProbe of this.#endProbes) endProbe();
    this.#exchanger.forget(this);
    return true;
  }
}

function isSame(bytes: Uint8Array, range: Range, known: Uint8Array): boolean {
  if (range.end - range.start !== known.length) return false;
  for (let i = 0; i < known.length; i++) if (bytes[range.start + i] !== known[i]) return false;
  return true;
}
