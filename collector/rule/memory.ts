import { EventKind, Severity } from "@watchpost/proto";
import { z } from "zod";
import type { QuietPorts } from "./quiet-ports.ts";

const firingSchema = z.strictObject({
  fingerprint: z.string(),
  kind: z.enum(EventKind),
  object: z.string(),
  rule: z.string().optional(),
  severity: z.enum(Severity),
  sinceMs: z.number(),
  summary: z.string(),
  attributes: z.record(z.string(), z.string()),
});

const durableSchema = z.strictObject({
  /** What fires now, oldest first. */
  firing: z.array(firingSchema),
  /** Ports that were up once; only such a port can go down. */
  portsSeenUp: z.array(z.string()),
  boot: z.strictObject({ bootedAtMs: z.number(), configChangedTicks: z.number().nullable() }).nullable(),
});

export type Firing = z.output<typeof firingSchema>;
type Durable = z.output<typeof durableSchema>;

/** What is known of one device between two readings. The first part survives a restart. */
export interface DeviceMemory {
  firing: Map<string, Firing>;
  portsSeenUp: Set<string>;
  boot: Durable["boot"];
  /** Set when the durable part changed and has to be written. */
  dirty: boolean;
  /** Readings whose events are not durable yet; the memory is not written before. */
  unsettled: number;

  unanswered: { count: number; sinceMs: number };
  lastReadingMs: number;
  lastAnswered: boolean;
  ports: Map<string, PortMemory>;
  quiet: QuietPorts | undefined;
  /** Consecutive readings beyond a limit, by fingerprint. */
  streaks: Map<string, number>;
  /** Last value of series whose rate is judged, by series id. */
  lastValues: Map<number, { value: number; atMs: number }>;
  /** When a firing was last judged, by fingerprint. */
  judgedMs: Map<string, number>;
}

export interface PortMemory {
  up: boolean;
  /** Times of the latest changes between up and down, oldest first. */
  changesMs: readonly number[];
  discontinuityTicks: number;
  octets: readonly (number | bigint)[];
}

export function newMemory(durable: Durable = { firing: [], portsSeenUp: [], boot: null }): DeviceMemory {
  return {
    firing: new Map(durable.firing.map((f) => [f.fingerprint, f])),
    portsSeenUp: new Set(durable.portsSeenUp),
    boot: durable.boot,
    dirty: false,
    unsettled: 0,
    unanswered: { count: 0, sinceMs: 0 },
    lastReadingMs: 0,
    lastAnswered: false,
    ports: new Map(),
    quiet: undefined,
    streaks: new Map(),
    lastValues: new Map(),
    judgedMs: new Map(),
  };
}

export function writeMemory(memory: DeviceMemory): string {
  const durable: Durable = {
    firing: [...memory.firing.values()],
    portsSeenUp: [...memory.portsSeenUp],
    boot: memory.boot,
  };
  return JSON.stringify(durable);
}

export function readMemory(text: string): DeviceMemory {
  return newMemory(durableSchema.parse(JSON.parse(text)));
}
