import {
  Flag,
  type Incoming,
  isAuthentic,
  KeyRing,
  type LocalKeys,
  openScopedPdu,
  type Range,
  Reader,
  seal,
  Tag,
  type UserCredential,
  Writer,
} from "../device/snmp/index.ts";
import type { EngineIdentity } from "./engine-identity.ts";
import { EngineTimes, TIME_WINDOW_SECONDS } from "./engine-times.ts";
import { type ReportKind, writeReport } from "./report.ts";

/** A whole datagram, and our own wrapping around it. */
const REPLY_ROOM_BYTES = 66_560;
const EMPTY = Buffer.alloc(0);
const USERS_OF_ONE_NAME_MAX = 8;

export interface OpenedMessage {
  kind: "open";
  bytes: Uint8Array;
  pdu: Range;
  /** Whether it was sent to this engine, as informs are. */
  isForUs: boolean;
  /** The answer with this PDU, sealed for the sender. Valid until the next one is made. */
  seal(pdu: Uint8Array): Uint8Array;
}

export type Opened =
  | OpenedMessage
  | { kind: "report"; report: ReportKind; message: Uint8Array }
  | { kind: "unauthentic" };

/** What a message was sealed with; outlives the decoder that reads the next message. */
interface Envelope {
  messageId: number;
  user: Buffer;
  keys: LocalKeys;
  contextEngineId: Uint8Array;
  contextName: Buffer;
}

/**
 * The receiver's side of SNMPv3. For traps the sender's engine is the authority on time, for informs it is this one: it
 * is told to who asks, and only a message sealed for it and its time is an inform.
 */
export class UserSecurity {
  readonly #identity: EngineIdentity;
  readonly #users = new Map<string, UserCredential[]>();
  readonly #keyRing = new KeyRing();
  readonly #times = new EngineTimes();
  readonly #writer = new Writer(REPLY_ROOM_BYTES);
  readonly #reader = new Reader();
  readonly #reports = new Map<ReportKind, number>();
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #salt: bigint;

  constructor(options: {
    identity: EngineIdentity;
    users: readonly UserCredential[];
    /** Never steps. */
    nowMs: () => number;
    randomBytes: (count: number) => Uint8Array;
  }) {
    this.#identity = options.identity;
    this.#nowMs = options.nowMs;
    this.#startedMs = options.nowMs();
    this.#salt = Buffer.from(options.randomBytes(8)).readBigUInt64BE();
    for (const user of options.users) {
      const same = this.#users.get(user.user) ?? [];
      if (same.length < USERS_OF_ONE_NAME_MAX) this.#users.set(user.user, [...same, user]);
    }
  }

  open(incoming: Incoming, source: string): Opened {
    const engineId = incoming.bytes.subarray(incoming.engineId.start, incoming.engineId.end);
    const isForUs = this.#identity.id.equals(engineId);
    if (!isForUs && (incoming.flags & Flag.reportable) !== 0) return this.#report(incoming, "unknown-engine");
    if (engineId.length === 0) return { kind: "unauthentic" };
    const found = this.#authenticate(incoming, engineId);
    if (typeof found === "string") return this.#report(incoming, found);
    const { keys } = found;
    if (keys.auth && !this.#isTimely(incoming, { isForUs, source, engineId }))
      return this.#report(incoming, "time-window", { auth: keys.auth });
    const plain = openScopedPdu(incoming, keys);
    const scope = plain && this.#readScope(plain.bytes, plain.range);
    if (!plain || !scope) return this.#report(incoming, "decryption", keys.auth ? { auth: keys.auth } : {});
    const user = Buffer.from(incoming.bytes.subarray(incoming.user.start, incoming.user.end));
    const envelope = { messageId: incoming.messageId, user, keys, ...scope };
    return { kind: "open", bytes: plain.bytes, pdu: scope.pdu, isForUs, seal: (pdu) => this.#sealed(envelope, pdu) };
  }

  /** The keys that the message was made with, or what is wrong with it. */
  #authenticate(incoming: Incoming, engineId: Uint8Array): { keys: LocalKeys } | ReportKind {
    const name = Buffer.from(incoming.bytes.subarray(incoming.user.start, incoming.user.end)).toString("utf8");
    const users = this.#users.get(name);
    if (!users) return "unknown-user";
    let problem: ReportKind = "unsupported-level";
    for (const user of users) {
      if (!isAtLevel(incoming.flags, user)) continue;
      const keys = this.#keyRing.keysFor(user, engineId);
      if (!keys.auth || isAuthentic(incoming, keys)) return { keys };
      problem = "wrong-digest";
    }
    return problem;
  }

  #isTimely(incoming: Incoming, from: { isForUs: boolean; source: string; engineId: Uint8Array }): boolean {
    const { engineBoots: boots, engineTime: time } = incoming;
    if (from.isForUs)
      return boots === this.#identity.boots && Math.abs(time - this.#engineTime()) <= TIME_WINDOW_SECONDS;
    const engine = `${from.source} ${Buffer.from(from.engineId).toString("hex")}`;
    return this.#times.accepts(engine, { boots, time }, this.#nowMs());
  }

  #readScope(
    bytes: Uint8Array,
    range: Range,
  ): { contextEngineId: Uint8Array; contextName: Buffer; pdu: Range } | undefined {
    const reader = this.#reader.open(bytes, range.start, range.end);
    if (!reader.expect(Tag.Sequence)) return undefined;
    reader.enter();
    if (!reader.expect(Tag.OctetString)) return undefined;
    const contextEngineId = bytes.subarray(reader.start, reader.stop);
    if (!reader.expect(Tag.OctetString)) return undefined;
    const contextName = Buffer.from(bytes.subarray(reader.start, reader.stop));
    return { contextEngineId, contextName, pdu: { start: reader.at, end: reader.end } };
  }

  /** Told only to who wants to know: a trap has nobody who listens. */
  #report(incoming: Incoming, report: ReportKind, keys: LocalKeys = {}): Opened {
    const count = (this.#reports.get(report) ?? 0) + 1;
    this.#reports.set(report, count);
    if ((incoming.flags & Flag.reportable) === 0) return { kind: "unauthentic" };
    const isReadable = (incoming.flags & Flag.priv) === 0 && incoming.readScopedPdu(incoming.bytes, incoming.data);
    this.#writer.reset();
    writeReport(this.#writer, { kind: report, requestId: isReadable ? incoming.requestId : 0, count });
    const user = keys.auth ? Buffer.from(incoming.bytes.subarray(incoming.user.start, incoming.user.end)) : EMPTY;
    const scope = { contextEngineId: this.#identity.id, contextName: EMPTY };
    return { kind: "report", report, message: this.#seal({ messageId: incoming.messageId, user, keys, ...scope }) };
  }

  #sealed(envelope: Envelope, pdu: Uint8Array): Uint8Array {
    this.#writer.reset();
    this.#writer.raw(pdu);
    return this.#seal(envelope);
  }

  #seal(envelope: Envelope): Uint8Array {
    this.#salt = BigInt.asUintN(64, this.#salt + 1n);
    const salt = Buffer.alloc(8);
    salt.writeBigUInt64BE(this.#salt);
    const { id: engineId, boots: engineBoots } = this.#identity;
    const time = { engineId, engineBoots, engineTime: this.#engineTime() };
    return seal(this.#writer, { ...envelope, ...time, salt, reportable: false });
  }

  #engineTime(): number {
    return Math.floor((this.#nowMs() - this.#startedMs) / 1_000);
  }
}

/** Exactly the level that the credential names: less is not believed, more cannot be opened. */
function isAtLevel(flags: number, user: UserCredential): boolean {
  const hasAuth = (flags & Flag.auth) !== 0;
  const hasPriv = (flags & Flag.priv) !== 0;
  return hasAuth === (user.authProtocol !== "none") && hasPriv === (user.privProtocol !== "none");
}
