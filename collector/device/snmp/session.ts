import { createHash } from "node:crypto";
import type { SnmpCredential, Target } from "./credential.ts";
import type { LocalKeys } from "./usm/key-ring.ts";
import { type Peer, peerOf } from "./transport/peer.ts";

/** Varbinds asked of an agent in one GETBULK, at the start: about three full datagrams of answer, 10 rows of 14 columns. */
export const VARBINDS_START = 140;
const VARBINDS_MIN = 10;
/** Columns of one request at the start: one row of them fits a datagram even where some are text. */
const COLUMNS_START = 40;
const CLEAN_WALKS_TO_GROW = 3;
const CLEAN_WALKS_TO_RETRY_BULK = 100;
/** A slow agent is waited for this much longer than it took, in whole seconds, and no longer than this. */
const PATIENCE = 1.5;
export const TIMEOUT_MAX_MS = 15_000;
/** How fast a slow time is forgotten, with every answer that is quicker. */
const FORGETTING = 0.8;

const NOTHING = Buffer.alloc(0);

/** The SNMPv3 engine behind an agent, as it last told us. */
export interface Engine {
  readonly id: Uint8Array;
  boots: number;
  time: number;
  syncedAtMs: number;
  readonly keys: LocalKeys;
}

/** What is remembered of one agent and credential between requests. */
export class Session {
  readonly peer: Peer;
  /** As they travel; empty where the version has none. */
  readonly community: Uint8Array;
  readonly user: Buffer;
  readonly contextName: Buffer;
  engine: Engine | undefined;
  /** The last exchange ended without a word: its next datagram goes through a socket of its own. */
  silent = false;
  /** Learnt: how many varbinds and columns a request may ask for, and whether GETBULK works here at all. */
  varbindsMax = VARBINDS_START;
  columnsMax = COLUMNS_START;
  bulk: "untried" | "works" | "fails" = "untried";
  /** After tooBig the agent's limit is known, and nothing above it is tried again. */
  #ceiling = VARBINDS_START;
  #cleanWalks = 0;
  /** What the slowest answer of late took, where that is longer than a try; 0 where it is not. */
  #slowMs = 0;

  constructor(target: Target) {
    const { address, port, credential } = target;
    this.peer = peerOf(address, port);
    const { community, user, contextName } = wordsOf(credential);
    this.community = community;
    this.user = user;
    this.contextName = contextName;
  }

  /** Whether its answers come later than a try is meant to take. */
  get isSlow(): boolean {
    return this.#slowMs > 0;
  }

  /** How long to wait for an answer, where that is `usualMs` for others. */
  timeoutMs(usualMs: number): number {
    if (this.#slowMs === 0) return usualMs;
    const patientMs = Math.ceil((this.#slowMs * PATIENCE) / 1_000) * 1_000;
    return Math.max(usualMs, Math.min(TIMEOUT_MAX_MS, patientMs));
  }

  /** An answer came after so long, be it when nobody waited any more: a device that is slow is not one that is silent. */
  noteRoundTrip(tookMs: number, usualMs: number): void {
    const slowMs = Math.max(tookMs, this.#slowMs * FORGETTING);
    this.#slowMs = slowMs > usualMs ? slowMs : 0;
  }

  /** After a time-out: asks for less, until some walks went well. */
  shrinkAfterTimeout(): void {
    this.#cleanWalks = 0;
    this.varbindsMax = Math.max(VARBINDS_MIN, this.varbindsMax >> 1);
  }

  /** After tooBig: fewer rows, or fewer columns where it was one row. False when it cannot be less than one value. */
  shrinkAfterTooBig(asked: { columns: number; repetitions: number }): boolean {
    this.#cleanWalks = 0;
    const { columns, repetitions } = asked;
    if (repetitions > 1) {
      this.#ceiling = Math.max(columns, (columns * repetitions) >> 1);
      this.varbindsMax = Math.min(this.varbindsMax, this.#ceiling);
    } else this.columnsMax = Math.max(1, columns >> 1);
    return columns > 1 || repetitions > 1;
  }

  /** A walk without a time-out: after some of them a loss in the past is forgiven, and GETBULK tried again. */
  noteCleanWalk(): void {
    this.#cleanWalks += 1;
    if (this.bulk === "fails" && this.#cleanWalks >= CLEAN_WALKS_TO_RETRY_BULK) {
      this.bulk = "untried";
      this.#cleanWalks = 0;
    }
    if (this.#cleanWalks < CLEAN_WALKS_TO_GROW || this.varbindsMax >= this.#ceiling) return;
    this.#cleanWalks = 0;
    this.varbindsMax = Math.min(this.#ceiling, this.varbindsMax * 2);
  }
}

interface CredentialWords {
  community: Uint8Array;
  user: Buffer;
  contextName: Buffer;
}

const words = new WeakMap<SnmpCredential, CredentialWords>();

/** One for all agents of a credential. */
function wordsOf(credential: SnmpCredential): CredentialWords {
  let known = words.get(credential);
  if (!known) {
    const isUser = credential.version === "v3";
    known = {
      community: isUser ? NOTHING : Buffer.from(credential.community, "utf8"),
      user: isUser ? Buffer.from(credential.user, "utf8") : NOTHING,
      contextName: isUser ? Buffer.from(credential.contextName, "utf8") : NOTHING,
    };
    words.set(credential, known);
  }
  return known;
}

const SESSIONS_MAX = 50_000;

/** Sessions by agent and credential; the ones known for longest are forgotten first. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  of(target: Target): Session {
    const id = `${target.address} ${target.port} ${fingerprint(target.credential)}`;
    const known = this.#sessions.get(id);
    if (known) return known;
    if (this.#sessions.size >= SESSIONS_MAX)
      for (const oldest of this.#sessions.keys()) if (this.#sessions.delete(oldest)) break;
    const session = new Session(target);
    this.#sessions.set(id, session);
    return session;
  }
}

const fingerprints = new WeakMap<SnmpCredential, string>();

/** Hashed once per credential object, so that a secret is neither compared nor kept in many places. */
function fingerprint(credential: SnmpCredential): string {
  let print = fingerprints.get(credential);
  if (print === undefined) {
    print = createHash("sha256").update(JSON.stringify(credential)).digest("base64url");
    fingerprints.set(credential, print);
  }
  return print;
}
