import type {
  ConfigPush,
  Device,
  ScanOrder,
  ScanReportAck,
  ScriptOutput,
  ScriptResult,
  SignedOrder,
  Uplink,
} from "@watchpost/proto";
import type { Logger } from "pino";
import type { TimerClock } from "../clock.ts";
import type { IdentityStore } from "../enroll/index.ts";
import type { Outbox } from "../outbox/index.ts";
import type { OpenStream } from "./stream.ts";

/** "enrolling": there is no identity yet, and so nothing to connect with. It comes first, and never again. */
export type LinkState = "enrolling" | "disconnected" | "connecting" | "streaming" | "draining";

export type ConfigOutcome = { applied: true } | { applied: false; reason: string };

/** What the hub asks for. A handler that throws is logged and never ends the stream. */
export interface LinkHandlers {
  /** One at a time; of several that wait only the newest is given. */
  onConfig(push: ConfigPush): Promise<ConfigOutcome>;
  /** Not verified yet: signature and all else are the receiver's to check. */
  onOrder(order: SignedOrder): void;
  onCancel(executionId: string): void;
  /** The stream is up: whatever of script output and results the hub may have missed can be sent again now. */
  onConnected?(): void;
  /** Results the hub has not acknowledged; asked for after each connect and every half minute. */
  pendingScriptResults(): readonly ScriptResult[];
  onScriptResultAcked(executionId: string): void;
  discovery?: DiscoveryHandlers;
}

/** Scans that the hub asks for; whether they may run is the receiver's to decide. */
export interface DiscoveryHandlers {
  order(order: ScanOrder): void;
  cancel(scanId: string): void;
  acked(ack: ScanReportAck): void;
}

/** What discovery tells the hub. */
export type DiscoveryMessage = Extract<Uplink["message"], { case: "scanProgress" | "scanReport" | "siteConfig" }>;

export interface LinkOptions {
  identity: IdentityStore;
  outbox: Outbox;
  version: string;
  allowedScripts: () => readonly string[];
  /** Version of the pushed configuration in force; 0 when only the local file is. */
  configVersion: () => number;
  samplesPending: () => number;
  handlers: LinkHandlers;
  clock: TimerClock;
  /** From 0 up to 1, as Math.random. */
  random: () => number;
  log: Logger;
  /** host:port to dial instead of the identity's; the certificate is checked all the same. */
  dialAddress?: string;
  /** How a stream is opened: gRPC over mutual TLS when not given. */
  openStream?: OpenStream;
}

export interface LinkStatus {
  state: LinkState;
  address: string;
  /** Site clock; undefined while not streaming. */
  streamingSinceMs?: number;
  /** Why the last stream ended, or could not begin. */
  lastEnd?: string;
  streams: number;
  eventsInFlight: number;
  /** Hub clock minus site clock; undefined until measured. */
  hubOffsetMs?: number;
  roundTripMs?: number;
}

export interface Link {
  start(): void;
  /** Waits a moment for acknowledgements under way, then ends the stream. */
  stop(): Promise<void>;
  state(): LinkState;
  status(): LinkStatus;
  /** Hub clock minus site clock as last measured; 0 before. */
  hubOffsetMs(): number;
  /** What is known of a device now. Replaces what was known before. */
  setDevice(device: Device): void;
  removeDevice(name: string): void;
  /** Every configured device has been set: from now on the hub may forget the devices that a listing does not name. */
  listingComplete(): void;
  /** False when it could not be handed on (no stream, or too much waits): keep it and send it again. */
  sendScriptOutput(output: ScriptOutput): boolean;
  sendScriptResult(result: ScriptResult): boolean;
  sendDiscovery(message: DiscoveryMessage): boolean;
}
