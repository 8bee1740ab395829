import type { SnmpCounters } from "../device/snmp/index.ts";
import type { LinkState } from "../link/index.ts";

/** Everything the status page shows, gathered at the moment it is asked for. */
export interface StatusView {
  version: string;
  name: string;
  startedAtMs: number;
  nowMs: number;
  enrolment: EnrolmentView;
  link: LinkView;
  config: { source: "local file" | "hub"; version: number; problem: string };
  samples: StoreView & { sentTo: string; lastError: string };
  events: StoreView;
  polls: PollsView;
  /** Null before the first configuration. */
  snmp: Readonly<SnmpCounters> | null;
  devices: DeviceView[];
  /** Null where neither traps nor syslog are received. */
  messages: MessagesView | null;
  firing: FiringView[];
  model: ModelView | null;
}

export interface PollsView {
  total: number;
  inFlight: number;
  /** Due, but as many polls are under way as may be. */
  waiting: number;
  /** Turns missed because a poll took longer than its interval. */
  overruns: number;
  /** Turns missed because a device waited too long for its poll to begin. */
  crowded: number;
  /** How late the latest poll of the last minute began, or the first that waits is. */
  latestMs: number;
}

export type EnrolmentView =
  | { state: "enrolled"; site: string; collectorId: string; certificateEndsMs: number }
  | { state: "not enrolled"; message: string };

export interface LinkView {
  state: LinkState;
  isUp: boolean;
  hub: string;
  /** Why it is not up; empty when it is. */
  message: string;
  /** Hub clock minus site clock; null before the first heartbeat. */
  clockOffsetMs: number | null;
}

export interface StoreView {
  pending: number;
  bytes: number;
  bytesMax: number;
}

export interface DeviceView {
  name: string;
  address: string;
  role: string;
  state: "up" | "down" | "unknown";
  polledAtMs: number | null;
  durationMs: number;
  requests: number;
  /** Why the last poll has no answer. */
  error: string;
}

export interface FiringView {
  fingerprint: string;
  severity: string;
  sinceMs: number;
  summary: string;
}

/** What happened to every trap and log line since the start, by the name of its fate. */
export interface MessagesView {
  traps: Record<string, number>;
  syslog: Record<string, number>;
  events: { told: number; repeats: number; flooded: number; dropped: number };
  /** Senders that are no configured device, the loudest first. */
  strangers: { address: string; messages: number }[];
}

export interface ModelView {
  name: string;
  waiting: number;
  answered: number;
  fromCache: number;
  failed: number;
  dropped: number;
  skipped: number;
  lastFailure: string;
}
