import { answerCommunity, type CommunityAccess } from "./community.ts";
import { Frame } from "./frame.ts";
import type { Mib } from "./mib.ts";
import { MalformedMessage, Reader } from "./reader.ts";
import { TAG } from "./tag.ts";
import { answerUsm } from "./usm/answer.ts";
import type { UsmStat } from "./usm/report.ts";
import type { EngineState } from "./usm/seal.ts";
import { localizeUser, type UserCredential, type UsmUser } from "./usm/user.ts";

export interface AgentOptions {
  /** Asked for every message, so that it may change with the device's state. */
  mib: () => Mib;
  clock: () => number;
  communities?: readonly CommunityAccess[];
  users?: readonly UserCredential[];
  /** Needed for v3. Boots and time are asked for every message. */
  engine?: { id: Uint8Array; boots: () => number; time: (nowMs: number) => number };
  /** Largest message sent; most devices stay within one Ethernet frame. */
  messageBytesMax?: number;
}

const MESSAGE_BYTES_MAX = 1_472;
const frame = new Frame();

/** One SNMP agent: bytes in, bytes out. Sockets are its owner's business. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #users: Map<string, UsmUser>;
  readonly counts = { received: 0, answered: 0, malformed: 0 };
  readonly stats = new Map<UsmStat | "unknownContexts", number>();

  constructor(options: AgentOptions) {
    this.#options = options;
    const { engine, users = [] } = options;
    if (users.length > 0 && !engine) throw new Error("an SNMPv3 agent needs an engine");
    this.#users = new Map(users.map((user) => [user.user, localizeUser(user, engine?.id ?? new Uint8Array(0))]));
  }

  user(name: string): UsmUser | undefined {
    return this.#users.get(name);
  }

  /** The answer, if there is one: a view of a shared buffer, valid until any agent of this process answers again. */
  handle(datagram: Uint8Array): Uint8Array | undefined {
    this.counts.received += 1;
    frame.reset();
    try {
      if (!this.#answer(datagram)) return undefined;
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.counts.malformed += 1;
      return undefined;
    }
    this.counts.answered += 1;
    return frame.message();
  }

  /** Undefined for an agent without v3. */
  engineState(nowMs: number): EngineState | undefined {
    const { engine } = this.#options;
    return engine && { id: engine.id, boots: engine.boots(), time: engine.time(nowMs) };
  }

  #answer(datagram: Uint8Array): boolean {
    const message = new Reader(datagram).element(TAG.sequence);
    const version = message.integer();
    const nowMs = this.#options.clock();
    const mib = this.#options.mib();
    const bytesMax = this.#options.messageBytesMax ?? MESSAGE_BYTES_MAX;
    if (version === 0 || version === 1) {
      const access = this.#options.communities ?? [];
      return answerCommunity(frame, message, { version: version === 0 ? "v1" : "v2c", mib, nowMs, access, bytesMax });
    }
    const engine = this.engineState(nowMs);
    if (version !== 3 || !engine || this.#users.size === 0) return false;
    const count = (stat: UsmStat | "unknownContexts") => this.#count(stat);
    return answerUsm(frame, datagram, message, { mib, nowMs, engine, users: this.#users, bytesMax, count });
  }

  #count(stat: UsmStat | "unknownContexts"): number {
    const total = (this.stats.get(stat) ?? 0) + 1;
    this.stats.set(stat, total);
    return total;
  }
}
