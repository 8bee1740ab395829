import type { Logger } from "pino";
import { type Backoff, createBackoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Spool, TakenBlock } from "../spool/index.ts";
import { type BodyMaker, type Compression, createBodyMaker } from "./body.ts";
import { probeZstd, type Sent, send } from "./send.ts";
import type { RemoteWriteTarget } from "./target.ts";

const LIVE_SAMPLES_MAX = 5_000;
const BACKLOG_SAMPLES_MAX = 20_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_CAP_MS = 30_000;
const IDLE_CHECK_MS = 5_000;
const RESEND_WINDOW_MS = 60_000;
const STOP_GRACE_MS = 2_000;

export interface ShipperOptions {
  spool: Spool;
  target: RemoteWriteTarget;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** What a store that crashed may not have written yet: sent again after it was away. The spool keeps it as long. */
  resendWindowMs?: number;
}

export interface ShipperStatus {
  target: string;
  deliveredSamples: number;
  requests: number;
  failures: number;
  quarantinedBlocks: number;
  /** Site clock. */
  lastDeliveredAtMs?: number;
  /** Why samples are not going out now; undefined while they are. */
  failing?: string;
}

export interface Shipper {
  start(): void;
  /** Lets requests under way end, for a moment. Blocks that were not acknowledged stay in the spool. */
  stop(): Promise<void>;
  status(): ShipperStatus;
}

export function createShipper(options: ShipperOptions): Shipper {
  return new SpoolShipper(options);
}

class SpoolShipper implements Shipper {
  private readonly options: ShipperOptions;
  private readonly bodies: BodyMaker;
  private readonly backoff: Backoff;
  private readonly abort = new AbortController();
  private readonly waiters = new Set<() => void>();
  private readonly counts = { deliveredSamples: 0, requests: 0, failures: 0, quarantinedBlocks: 0 };
  private lastDeliveredAtMs: number | undefined;
  private outage: { sinceMs: number; reason: string; storeGone: boolean } | undefined;
  /** Monotonic; both lanes wait for it. */
  private closedUntilMs = 0;
  private stopping = false;
  /** Asked anew after each outage: another version may have come back. */
  private backlogCompression: Promise<Compression> | undefined;
  private lanes: Promise<unknown> | undefined;
  private unsubscribe: () => void = () => undefined;

  constructor(options: ShipperOptions) {
    this.options = options;
    this.bodies = createBodyMaker(options.target.extraLabels);
    this.backoff = createBackoff({ firstMs: BACKOFF_FIRST_MS, capMs: BACKOFF_CAP_MS, random: options.random });
  }

  start(): void {
    if (this.lanes) return;
    this.unsubscribe = this.options.spool.subscribe(() => this.wake());
    this.lanes = Promise.all([
      this.lane(LIVE_SAMPLES_MAX, () => "snappy"),
      this.lane(BACKLOG_SAMPLES_MAX, () => this.askedCompression()),
    ]);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.unsubscribe();
    this.wake();
    const timer = setTimeout(() => this.abort.abort(), STOP_GRACE_MS);
    await this.lanes;
    clearTimeout(timer);
  }

  status(): ShipperStatus {
    return {
      target: this.options.target.name,
      ...this.counts,
      ...(this.lastDeliveredAtMs === undefined ? {} : { lastDeliveredAtMs: this.lastDeliveredAtMs }),
      ...(this.outage ? { failing: this.outage.reason } : {}),
    };
  }

  private async lane(samplesMax: number, compression: () => Compression | Promise<Compression>): Promise<void> {
    while (!this.stopping) {
      const closedMs = this.closedUntilMs - this.options.clock.monotonicMs();
      if (closedMs > 0) {
        await this.pause(closedMs);
        continue;
      }
      const blocks = this.take(samplesMax);
      if (blocks.length === 0) await this.pause(IDLE_CHECK_MS);
      else await this.tryToDeliver(blocks, await compression());
    }
  }

  private take(samplesMax: number): TakenBlock[] {
    try {
      return this.options.spool.take(samplesMax);
    } catch (error) {
      this.close({ kind: "not-now", reason: `the spool could not be read: ${String(error)}`, storeGone: false });
      return [];
    }
  }

  private async tryToDeliver(blocks: TakenBlock[], asked: Compression): Promise<void> {
    try {
      await this.deliver(blocks, asked);
    } catch (error) {
      this.options.spool.release(blocks.map((block) => block.id));
      this.close({
        kind: "not-now",
        reason: `samples could not be made a request: ${String(error)}`,
        storeGone: false,
      });
    }
  }

  private askedCompression(): Promise<Compression> {
    this.backlogCompression ??= probeZstd(this.options.target, this.abort.signal).then((isTaken) =>
      isTaken ? "zstd" : "snappy",
    );
    return this.backlogCompression;
  }

  /** Sends blocks together; when the store rejects them, one by one, to find the one that is to blame. */
  private async deliver(blocks: TakenBlock[], asked: Compression): Promise<void> {
    let sent = await this.request(blocks, asked);
    if (sent.kind === "rejected" && asked === "zstd") {
      this.backlogCompression = Promise.resolve("snappy");
      sent = await this.request(blocks, "snappy");
    }
    if (sent.kind !== "rejected") return this.settle(blocks, sent);
    const [only, ...others] = blocks;
    if (only && others.length === 0) return this.quarantine(only, sent.reason);
    for (const [index, block] of blocks.entries()) {
      const alone = await this.request([block], "snappy");
      if (alone.kind === "rejected") this.quarantine(block, alone.reason);
      else this.settle(alone.kind === "delivered" ? [block] : blocks.slice(index), alone);
      if (alone.kind === "not-now") return;
    }
  }

  private request(blocks: TakenBlock[], compression: Compression): Promise<Sent> {
    const { target, clock } = this.options;
    const batches = blocks.flatMap((block) => block.batches);
    const body = this.bodies.make(batches, compression);
    this.counts.requests += 1;
    return send({ target, body, compression, nowMs: clock.nowMs(), signal: this.abort.signal });
  }

  private settle(blocks: TakenBlock[], sent: Exclude<Sent, { kind: "rejected" }>): void {
    const ids = blocks.map((block) => block.id);
    if (sent.kind === "not-now") {
      this.options.spool.release(ids);
      this.close(sent);
      return;
    }
    for (const block of blocks) this.counts.deliveredSamples += block.samples;
    this.lastDeliveredAtMs = this.options.clock.nowMs();
    this.inBackground(this.options.spool.ack(ids), "delivered blocks could not be marked as sent; they are sent again");
    this.open();
  }

  private quarantine(block: TakenBlock, reason: string): void {
    this.counts.quarantinedBlocks += 1;
    const { log, spool, target } = this.options;
    log.error(
      { block: block.id, samples: block.samples },
      `${target.name} rejected a block for good, ${reason}; it is put aside`,
    );
    this.inBackground(
      spool.quarantine(block.id, `${target.name} answered ${reason}`),
      "a rejected block could not be put aside",
    );
  }

  /** Nothing goes out until the pause is over. */
  private close(failure: Extract<Sent, { kind: "not-now" }>): void {
    const { clock, log, target } = this.options;
    if (this.stopping) return;
    this.counts.failures += 1;
    const nowMs = clock.monotonicMs();
    if (!this.outage) log.warn(`samples wait: ${target.name} cannot take them: ${failure.reason}`);
    this.outage = {
      sinceMs: this.outage?.sinceMs ?? clock.nowMs(),
      reason: failure.reason,
      storeGone: failure.storeGone || (this.outage?.storeGone ?? false),
    };
    if (nowMs >= this.closedUntilMs)
      this.closedUntilMs = nowMs + Math.max(failure.retryAfterMs ?? 0, this.backoff.nextMs());
  }

  private open(): void {
    const { outage } = this;
    if (!outage) return;
    this.outage = undefined;
    this.backlogCompression = undefined;
    this.closedUntilMs = 0;
    this.backoff.reset();
    const { log, spool, target, clock } = this.options;
    log.info(
      { outageMs: clock.nowMs() - outage.sinceMs, pending: spool.pending() },
      `${target.name} takes samples again`,
    );
    if (!outage.storeGone) return;
    const windowMs = this.options.resendWindowMs ?? RESEND_WINDOW_MS;
    const again = spool.requeueSent({ fromMs: outage.sinceMs - windowMs, toMs: outage.sinceMs });
    this.inBackground(again, "what was sent shortly before the outage could not be put in line again");
  }

  private inBackground(work: Promise<void>, failure: string): void {
    work.catch((error: unknown) => this.options.log.error({ err: error }, failure));
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiters.add(done);
    });
  }

  private wake(): void {
    for (const waiter of this.waiters) waiter();
  }
}
