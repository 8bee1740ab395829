import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { TimerClock } from "../clock.ts";
import type { CollectorConfig, Credential } from "../config/index.ts";
import { Incoming, Pdu, Reader, Tag, Version } from "../device/snmp/index.ts";
import {
  type Datagrams,
  openDatagrams,
  type PortNames,
  SourceLimit,
  type Sources,
  type Teller,
} from "../listen/index.ts";
import { createTrapCounters, type Notification, type TrapCounters } from "./api.ts";
import { describeTrap, labelOf, trapFingerprint } from "./describe.ts";
import { openEngineIdentity } from "./engine-identity.ts";
import { trapNameOf } from "./names.ts";
import { PduReader } from "./read-pdu.ts";
import { RecentInforms } from "./recent-informs.ts";
import { subjectOf } from "./subject.ts";
import { UserSecurity } from "./user-security.ts";

const VERSION_NAMES: Readonly<Record<number, Notification["version"]>> = {
  [Version.v1]: "v1",
  [Version.v2c]: "v2c",
  [Version.v3]: "v3",
};

export interface TrapOptions {
  config: NonNullable<CollectorConfig["traps"]>;
  credentials: readonly Credential[];
  dataDir: string;
  clock: TimerClock;
  sources: Sources;
  ports: PortNames;
  teller: Teller;
  /** A trap speaks of what polls read: look now. */
  ask: (device: string) => void;
  onTrouble: (message: string) => void;
}

export interface TrapReceiver {
  readonly port: number;
  readonly counters: Readonly<TrapCounters>;
  kernelDrops(): number;
  stop(): void;
}

/** Where a datagram came from, and how an inform in it is answered. */
interface Origin {
  address: string;
  port: number;
  version: Notification["version"];
  answer: (() => Uint8Array) | undefined;
}

/** Hears traps and informs; throws, with what to do, when the port cannot be had. */
export async function startTrapReceiver(options: TrapOptions): Promise<TrapReceiver> {
  const receiver = new Receiver(options);
  const datagrams = await openDatagrams({
    what: "SNMP traps",
    key: "traps.port",
    address: options.config.address,
    port: options.config.port,
    receive: (bytes, port, address) => receiver.receive(bytes, port, address),
  });
  receiver.datagrams = datagrams;
  return {
    port: datagrams.port,
    counters: receiver.counters,
    kernelDrops: () => datagrams.kernelDrops(),
    stop: () => datagrams.close(),
  };
}

class Receiver {
  readonly counters = createTrapCounters();
  datagrams: Datagrams | undefined;
  readonly #options: TrapOptions;
  readonly #limit: SourceLimit;
  readonly #communities: ReadonlySet<string>;
  readonly #security: UserSecurity;
  readonly #incoming = new Incoming();
  readonly #reader = new Reader();
  readonly #pdu = new PduReader();
  readonly #informs = new RecentInforms();

  constructor(options: TrapOptions) {
    const { credentials, clock, dataDir, onTrouble, config } = options;
    this.#options = options;
    this.#limit = new SourceLimit(config.perSourcePerSecondMax);
    this.#communities = new Set(credentials.flatMap((c) => (c.version === "v3" ? [] : [c.community])));
    this.#security = new UserSecurity({
      identity: openEngineIdentity({ dir: join(dataDir, "trap"), randomBytes, onTrouble }),
      users: credentials.filter((c) => c.version === "v3"),
      nowMs: () => clock.monotonicMs(),
      randomBytes,
    });
  }

  receive(bytes: Uint8Array, port: number, address: string): void {
    const { counters } = this;
    counters.received += 1;
    if (!this.#limit.allows(address, this.#options.clock.monotonicMs())) counters.rateLimited += 1;
    else if (!this.#incoming.readHeader(bytes)) counters.malformed += 1;
    else if (this.#incoming.version === Version.v3) this.#receiveSealed(port, address);
    else if (!this.#isKnownCommunity(bytes)) counters.unknownCommunity += 1;
    else {
      const { start, end } = this.#incoming.data;
      const version = VERSION_NAMES[this.#incoming.version] ?? "v2c";
      const answer = () => asResponse(bytes, start);
      this.#receivePdu(bytes, { start, end }, { address, port, version, answer });
    }
  }

  #isKnownCommunity(bytes: Uint8Array): boolean {
    const reader = this.#reader.open(bytes, 0, bytes.length);
    if (!reader.expect(Tag.Sequence)) return false;
    reader.enter();
    if (reader.integer() === undefined || !reader.expect(Tag.OctetString)) return false;
    const { start, stop } = reader;
    return this.#communities.has(Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString("utf8"));
  }

  #receiveSealed(port: number, address: string): void {
    const { counters } = this;
    const opened = this.#security.open(this.#incoming, address);
    if (opened.kind === "unauthentic") {
      counters.unauthentic += 1;
      return;
    }
    if (opened.kind === "report") {
      if (opened.report === "unknown-engine") counters.discoveries += 1;
      else counters.unauthentic += 1;
      this.datagrams?.send(opened.message, port, address);
      return;
    }
    const { bytes, pdu, isForUs } = opened;
    const answer = isForUs ? () => opened.seal(asResponse(bytes.slice(pdu.start, pdu.end), 0)) : undefined;
    this.#receivePdu(bytes, pdu, { address, port, version: "v3", answer });
  }

  #receivePdu(bytes: Uint8Array, range: { start: number; end: number }, origin: Origin): void {
    const outcome = this.#pdu.read(bytes, range);
    const isInform = this.#pdu.pduType === Pdu.Inform;
    if (outcome === "malformed") this.counters.malformed += 1;
    else if (outcome === "other-pdu") this.counters.otherPdu += 1;
    // An SNMPv3 inform for another engine has its answer nowhere: it is not ours to take.
    else if (isInform && !origin.answer) this.counters.unauthentic += 1;
    else if (isInform) this.#takeInform(origin);
    else {
      this.counters.traps += 1;
      void this.#take(origin);
    }
  }

  #takeInform(origin: Origin): void {
    const { clock } = this.#options;
    const key = `${origin.address} ${origin.port} ${this.#pdu.requestId}`;
    const earlier = this.#informs.find(key, clock.monotonicMs());
    if (earlier) this.counters.duplicates += 1;
    else this.counters.informs += 1;
    const durable = earlier ?? this.#take(origin);
    if (!earlier) this.#informs.note(key, durable, clock.monotonicMs());
    void durable.then((isDurable) => this.#acknowledge(origin, isDurable));
  }

  #acknowledge({ answer, port, address }: Origin, isDurable: boolean): void {
    const isSent = isDurable && answer !== undefined && this.datagrams?.send(answer(), port, address) === true;
    if (isSent) this.counters.acknowledged += 1;
    else this.counters.unacknowledged += 1;
  }

  /** Resolves true once what stands for the notification in the PDU reader is durable. */
  #take({ address, version }: Origin): Promise<boolean> {
    const { sources, ports, teller, clock, ask, onTrouble } = this.#options;
    const pdu = this.#pdu;
    const name = trapNameOf(pdu.trapOid);
    // A trap that was passed on names its agent; that one is meant when it is known.
    const device = sources.deviceAt(pdu.agentAddress) ?? sources.deviceAt(address) ?? "";
    const subject = subjectOf(pdu, device, ports);
    const source = pdu.agentAddress === "" || device === "" ? address : pdu.agentAddress;
    if (device === "") {
      this.counters.unknownSources += 1;
      if (sources.noteUnknown(address, clock.nowMs()))
        onTrouble(
          `${address} sends SNMP traps and is no configured device; add it to devices, or stop it from sending here`,
        );
    } else if (name?.asksPoll) ask(device);
    const label = labelOf(name, pdu.trapOid);
    const folded = teller.fold(trapFingerprint({ device, source, subject, label }));
    if (folded) return folded;
    const notification = pdu.notification(version);
    return teller.tell(describeTrap({ notification, name, subject, device, source, nowMs: clock.nowMs() }));
  }
}

/** An inform is answered with its own PDU: only the type differs, the error fields of a request are zero already. */
function asResponse(message: Uint8Array, pduAt: number): Uint8Array {
  const response = message.slice();
  response[pduAt] = Pdu.Response;
  return response;
}
