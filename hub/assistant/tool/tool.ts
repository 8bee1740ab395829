import type { Database } from "@watchpost/db";
import type { z } from "zod";
import type { Clock } from "../../context.ts";
import type { SeverityName, Site } from "../../incident/index.ts";
import type { MetricsStore } from "../../metrics/index.ts";

export const TOOL_NAMES = ["metrics", "topology", "events", "changes", "similar"] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** Facts that the ranker weighs. A signal without a device concerns nothing and does not exist. */
export const SIGNAL_KINDS = [
  "interface-down-reported",
  "oper-status-down",
  "oper-status-up",
  "traffic-stopped",
  "not-answering",
  "answering",
  "behind-not-answering",
  "flapping-reported",
  "errors-rising",
  "utilisation-high",
  "threshold-reported",
  "resource-high",
  "sensor-bad",
  "slow",
  "config-changed",
  "rebooted",
  "seen-before",
] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

export interface Signal {
  kind: SignalKind;
  device: string;
  interface?: string;
  /** 0..1. */
  strength: number;
}

/** What a read-only tool said, with all it takes to ask again. */
export interface Observation {
  title: string;
  /** PromQL, or a named lookup with its arguments. */
  query: string;
  queryArguments: Record<string, unknown>;
  /** One line. Every number in it stands in result. */
  finding: string;
  severity: SeverityName;
  result: unknown;
  signals: Signal[];
}

/** Which site the tools may look at. Set by the server, never by a model. */
export interface ToolScope {
  siteId: string | null;
  site: string;
  /** When it happened, Unix milliseconds. */
  aboutMs: number;
  nowMs: number;
}

export interface ToolEnv {
  db: Database;
  clock: Clock;
  metrics: MetricsStore | undefined;
  /** The site of the scope when it was read a moment ago. */
  site?: Site | undefined;
}

export interface Tool<Schema extends z.ZodObject = z.ZodObject> {
  name: ToolName;
  /** For a model. */
  description: string;
  parameters: Schema;
  run(env: ToolEnv, scope: ToolScope, input: z.output<Schema>): Promise<Observation>;
}

/** A lookup as a person reads it: topology({"device":"core-sw1"}). */
export function lookupText(name: ToolName, input: Record<string, unknown>): string {
  return `${name}(${JSON.stringify(input)})`;
}

export const LIST_MAX = 50;

/** "a, b, c and 4 more" */
export function listed(names: readonly string[], max = 6): string {
  const shown = names.slice(0, max).join(", ");
  return names.length > max ? `${shown} and ${names.length - max} more` : shown;
}
