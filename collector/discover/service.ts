import { create } from "@bufbuild/protobuf";
import {
  type ScanOrder,
  type ScanProgress,
  type ScanReport,
  type ScanReportAck,
  ScanState,
  type SiteConfig,
  SiteConfigSchema,
} from "@watchpost/proto";
import type { Logger } from "pino";
import { stringify } from "yaml";
import type { SitePart } from "../config/index.ts";
import { permit } from "./permit.ts";
import { type Configured, endReport, progressOf, reportOf } from "./report.ts";
import { type Progress, scan } from "./scan.ts";
import type { Scanning } from "./settings.ts";

const PROGRESS_EVERY_MS = 1_000;
const RESEND_EVERY_MS = 10_000;
/** Parts sent and not acknowledged; the rest waits. */
const UNACKED_MAX = 8;
/** Parts of 50 devices that wait for a hub that is away. */
const PARTS_MAX = 2_000;
/** What the hub takes of a configuration at all. */
const SITE_BYTES_MAX = 1_048_576;
const nothing = (): void => undefined;

export interface DiscoveryOptions extends Scanning {
  /** `isProven` is false while a pushed configuration is on trial: nothing can be added to it yet. */
  site: () => { version: number; part: SitePart; isProven: boolean };
  log: Logger;
  /** False when it could not be handed on. */
  uplink: {
    progress(progress: ScanProgress): boolean;
    report(report: ScanReport): boolean;
    site(site: SiteConfig): boolean;
  };
}

/** Scans that the hub orders: one at a time, within what the site allows, told until the hub has all of it. */
export interface Discovery {
  /** An order that comes again is the same scan. */
  order(order: ScanOrder): void;
  cancel(scanId: string): void;
  acked(ack: ScanReportAck): void;
  /** The link is up: what the hub may have missed is said again. */
  connected(): void;
  /** Ends the scan under way; what is not told yet is lost, and the hub asks again. */
  stop(): Promise<void>;
}

export function createDiscovery(options: DiscoveryOptions): Discovery {
  return new OrderedScans(options);
}

class OrderedScans implements Discovery {
  readonly #options: DiscoveryOptions;
  #running: { id: string; abort: AbortController; done: Promise<void> } | undefined;
  #parts: ScanReport[] = [];
  /** Parts handed to the stream and not acknowledged. */
  readonly #sent = new Set<ScanReport>();
  #cancelResend = nothing;
  #progressAtMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  order({ scanId, ranges }: ScanOrder): void {
    if (this.#stopped || this.#running?.id === scanId || this.#parts.some((part) => part.scanId === scanId)) return;
    if (this.#running)
      return this.#refuse(scanId, `this collector runs the scan ${this.#running.id} now; wait or cancel it.`);
    if (this.#parts.length >= PARTS_MAX)
      return this.#refuse(scanId, "earlier results wait to be taken; try again later.");
    const permitted = permit(ranges, this.#options.settings.allow);
    if (permitted.kind === "refused") return this.#refuse(scanId, permitted.reason);
    const abort = new AbortController();
    this.#running = { id: scanId, abort, done: this.#run(scanId, permitted.addresses, abort.signal) };
  }

  cancel(scanId: string): void {
    if (this.#running?.id === scanId) this.#running.abort.abort();
  }

  acked({ scanId, part }: ScanReportAck): void {
    const done = this.#parts.find((waiting) => waiting.scanId === scanId && waiting.part === part);
    if (!done) return;
    this.#parts = this.#parts.filter((waiting) => waiting !== done);
    this.#sent.delete(done);
    this.#send();
  }

  connected(): void {
    const { settings, site, uplink } = this.#options;
    const { version, part, isProven } = site();
    if (settings.allow.length > 0 && isProven) {
      const yaml = stringify(part);
      if (Buffer.byteLength(yaml) <= SITE_BYTES_MAX) uplink.site(create(SiteConfigSchema, { version, yaml }));
    }
    this.#sendAgain();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelResend();
    this.#running?.abort.abort();
    await this.#running?.done;
  }

  #refuse(scanId: string, reason: string): void {
    this.#options.log.warn({ scanId }, `scan refused: ${reason}`);
    this.#tell([endReport(scanId, ScanState.REFUSED, reason)]);
  }

  async #run(scanId: string, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    log.info({ scanId, addresses: addresses.length }, "scan begins");
    try {
      const onProgress = (progress: Progress) => this.#onProgress(scanId, progress);
      const result = await scan({ ...this.#options, addresses, signal, onProgress });
      log.info({ scanId, ...result.progress, devices: result.devices.length }, `scan ${result.kind}`);
      this.#running = undefined;
      this.#tell(reportOf(scanId, result, configuredIn(this.#options.site().part)));
    } catch (error) {
      log.error({ err: error, scanId }, "the scan failed");
      this.#running = undefined;
      const reason = `the scan failed at the collector: ${error instanceof Error ? error.message : String(error)}`;
      this.#tell([endReport(scanId, ScanState.FAILED, reason)]);
    }
  }

  #onProgress(scanId: string, progress: Progress): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#progressAtMs < PROGRESS_EVERY_MS) return;
    this.#progressAtMs = nowMs;
    this.#options.uplink.progress(progressOf(scanId, progress));
  }

  #tell(parts: readonly ScanReport[]): void {
    if (this.#stopped) return;
    this.#parts.push(...parts);
    this.#send();
  }

  #send(): void {
    this.#cancelResend();
    this.#cancelResend = nothing;
    if (this.#stopped || this.#parts.length === 0) return;
    for (const part of this.#parts.slice(0, UNACKED_MAX)) {
      if (this.#sent.has(part)) continue;
      if (!this.#options.uplink.report(part)) break;
      this.#sent.add(part);
    }
    this.#cancelResend = this.#options.clock.after(RESEND_EVERY_MS, () => this.#sendAgain());
  }

  #sendAgain(): void {
    this.#sent.clear();
    this.#send();
  }
}

function configuredIn({ devices }: SitePart): Configured {
  const names = new Map(devices.map(({ name, address, port }) => [`${address} ${port}`, name]));
  return ({ address, port }) => names.get(`${address} ${port}`);
}
