import type { TimerClock } from "../clock.ts";
import type { CollectorConfig } from "../config/index.ts";
import {
  type Datagrams,
  openDatagrams,
  type PortNames,
  SourceLimit,
  type Sources,
  type Teller,
} from "../listen/index.ts";
import { describeLine, LEVELS, type Line, syslogFingerprint } from "./describe.ts";
import { polledMatterOf } from "./link-line.ts";
import { parseSyslog } from "./parse.ts";
import { openStreams, type StreamCounters } from "./streams.ts";

/** What happened to every message since the start; the first five add up to `received`. */
export interface SyslogCounters extends StreamCounters {
  received: number;
  told: number;
  /** Less severe than the configured level. */
  belowLevel: number;
  rateLimited: number;
  empty: number;
  /** Of these: longer than allowed, and told without their end. */
  cut: number;
  unknownSources: number;
}

export interface SyslogOptions {
  config: NonNullable<CollectorConfig["syslog"]>;
  clock: TimerClock;
  sources: Sources;
  ports: PortNames;
  teller: Teller;
  /** A line speaks of what polls read: look now. */
  ask: (device: string) => void;
  onTrouble: (message: string) => void;
}

export interface SyslogReceiver {
  readonly counters: Readonly<SyslogCounters>;
  /** Where it listens, of what is configured. */
  readonly listening: { udp?: number; tcp?: number; tls?: number };
  kernelDrops: () => number;
  stop: () => void;
}

type Origin = { address: string; transport: Line["transport"]; isCut: boolean };

/** Opens what is configured; throws, left nothing open, when one of the ports cannot be had. */
export async function startSyslogReceiver(options: SyslogOptions): Promise<SyslogReceiver> {
  const { config } = options;
  const receiver = new Receiver(options);
  const opened: { close: () => void }[] = [];
  const listening: { udp?: number; tcp?: number; tls?: number } = {};
  const message = (bytes: Uint8Array, from: Origin) => receiver.receive(bytes, from);
  let datagrams: Datagrams | undefined;
  const stop = (): void => opened.splice(0).forEach((listener) => listener.close());
  try {
    if (config.udpPort !== undefined) {
      const receive = (bytes: Uint8Array, _: number, source: string) =>
        message(bytes, { address: source, transport: "udp", isCut: false });
      const { address, udpPort: port } = config;
      const udp = await openDatagrams({ what: "Syslog", key: "syslog.udpPort", address, port, receive });
      opened.push(udp);
      listening.udp = udp.port;
      datagrams = udp;
    }
    const streams = { config, counters: receiver.counters, message };
    for (const [transport, port] of [
      ["tcp", config.tcpPort],
      ["tls", config.tls?.port],
    ] as const) {
      if (port === undefined) continue;
      const stream = openStreams(streams, transport, port);
      opened.push(stream);
      listening[transport] = stream.port;
    }
  } catch (error) {
    stop();
    throw error;
  }
  return { counters: receiver.counters, listening, kernelDrops: () => datagrams?.kernelDrops() ?? 0, stop };
}

const utf8 = new TextDecoder("utf-8");

class Receiver {
  readonly counters: SyslogCounters = {
    received: 0,
    told: 0,
    belowLevel: 0,
    rateLimited: 0,
    empty: 0,
    cut: 0,
    unknownSources: 0,
    connections: 0,
    refusedConnections: 0,
    idleConnections: 0,
    brokenStreams: 0,
  };
  readonly #options: SyslogOptions;
  readonly #limit: SourceLimit;
  readonly #severityMax: number;

  constructor(options: SyslogOptions) {
    this.#options = options;
    this.#limit = new SourceLimit(options.config.perSourcePerSecondMax);
    this.#severityMax = LEVELS.indexOf(options.config.level);
  }

  receive(bytes: Uint8Array, origin: Origin): void {
    const { counters } = this;
    const { messageBytesMax } = this.#options.config;
    counters.received += 1;
    if (!this.#limit.allows(origin.address, this.#options.clock.monotonicMs())) {
      counters.rateLimited += 1;
      return;
    }
    if (origin.isCut || bytes.length > messageBytesMax) counters.cut += 1;
    const message = parseSyslog(utf8.decode(bytes.subarray(0, messageBytesMax)));
    if (message.severity > this.#severityMax) counters.belowLevel += 1;
    else if (message.text.trim() === "" && message.structured === "") counters.empty += 1;
    else this.#tell(message, origin);
  }

  #tell(message: Line["message"], { address, transport }: Origin): void {
    const { sources, ports, teller, clock, ask } = this.#options;
    this.counters.told += 1;
    const device = sources.deviceAt(address) ?? (sources.isDevice(message.hostname) ? message.hostname : "");
    if (device === "") this.#noteStranger(address);
    const matter = device === "" ? { kind: "none" as const } : polledMatterOf(message.text);
    const port = matter.kind === "interface" ? (ports.byText(device, matter.name) ?? "") : "";
    const isPolled = port !== "" || matter.kind === "hardware";
    if (isPolled) ask(device);
    const line: Line = { message, device, source: address, transport, port, isPolled, nowMs: clock.nowMs() };
    const fingerprint = syslogFingerprint(line);
    if (!teller.fold(fingerprint)) void teller.tell(describeLine(line, fingerprint));
  }

  #noteStranger(address: string): void {
    const { sources, clock, onTrouble } = this.#options;
    this.counters.unknownSources += 1;
    if (sources.noteUnknown(address, clock.nowMs()))
      onTrouble(`${address} sends syslog and is no configured device; add it to devices, or stop it from sending here`);
  }
}
