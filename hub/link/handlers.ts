import type { Event, ScanProgress, ScanReport, ScriptOutput, ScriptResult, SiteConfig } from "@watchpost/proto";
import type { SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import type { Hub } from "../hub.ts";

/** The collector behind a stream, from its certificate alone. */
export interface LinkSource {
  collectorId: string;
  siteId: string;
  site: string;
}

export interface EventSource extends LinkSource {
  outboxEpoch: string;
}

/** The rooms that a stream hands its messages to. Each returns once its work is committed. */
export interface LinkHandlers {
  /** Stores the events in one transaction with `once`, and only when it gives a row: else false. */
  ingestEvents: (ctx: Context, source: EventSource, events: readonly Event[], once: SQL) => Promise<boolean>;
  recordScriptOutput: (hub: Hub, source: LinkSource, output: ScriptOutput) => Promise<unknown>;
  recordScriptResult: (hub: Hub, source: LinkSource, result: ScriptResult) => Promise<unknown>;
  recordScanProgress: (hub: Hub, source: LinkSource, progress: ScanProgress) => Promise<unknown>;
  /** The part is acknowledged when it returns. */
  recordScanReport: (hub: Hub, source: LinkSource, report: ScanReport) => Promise<unknown>;
  recordSiteConfig: (hub: Hub, source: LinkSource, config: SiteConfig) => Promise<unknown>;
  /** For which of these collectors something waits: asked for many that connect in one moment. */
  whoWaits: (collectorIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Sends what waits for this collector (queued script orders, scans). */
  onConnected: (collectorId: string) => Promise<unknown>;
}

/** What the link counts. */
export interface LinkMeters {
  eventsStored(count: number): void;
  eventsRepeated(count: number): void;
  acked(): void;
  streams(count: number): void;
  refused(reason: "hole" | "batch" | "protocol" | "identity" | "silent" | "slow-reader"): void;
}
