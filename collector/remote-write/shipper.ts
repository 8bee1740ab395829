import type { Logger } from "pino";
import { type Backoff, createBackoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Spool, TakenBlock } from "../spool/index.ts";
import type { Compression } from "./body.ts";
import type { NotNow, Sent } from "./send.ts";
import type { RemoteWriteTarget } from "./target.ts";
import { httpWay, type Way } from "./way.ts";

/** While there is no backlog all that is new goes in one request; beside a backlog the newest goes first, and quickly. */
const LIVE_SAMPLES_MAX = 20_000;
const LIVE_SAMPLES_BESIDE_BACKLOG_MAX = 5_000;
const BACKLOG_SAMPLES_MAX = 20_000;
/**
 * Requests for what is new begin this far apart, and the first at once: each costs as much as the samples of three polls.
 * What fills a request does not wait.
 */
const GATHER_MS = 500;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_CAP_MS = 30_000;
const IDLE_CHECK_MS = 5_000;
/** A store that does not tell its start may have crashed whenever it was away: what it got this long before is sent again. */
const RESEND_WINDOW_MS = 60_000;
const STOP_GRACE_MS = 2_000;
/** Requests that the store took meanwhile: from then on it is this one that the store cannot answer. */
const OTHERS_TAKEN_MAX = 20;

export interface ShipperOptions {
  spool: Spool;
  target: Pick<RemoteWriteTarget, "name">;
  way: Way;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** How long samples may gather for one request. */
  gatherMs?: number;
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

export function createShipper(
  options: Omit<ShipperOptions, "target" | "way"> & { target: RemoteWriteTarget },
): Shipper {
  return new SpoolShipper({ ...options, way: httpWay(options.target, options.clock) });
}

/** As createShipper, over a way of the caller's. */
export function createShipperOver(options: ShipperOptions): Shipper {
  return new SpoolShipper(options);
}

/** What is left of a request: blocks that the store neither took nor rejected. */
interface Outcome {
  blocks: TakenBlock[];
  mayBeStored: boolean;
}
const SETTLED: Outcome = { blocks: [], mayBeStored: false };

/** Sent, and not answered: they may be stored, so nobody else may send them or give them up before that is known. */
interface Undecided {
  blocks: TakenBlock[];
  takenBefore: number;
}

class SpoolShipper implements Shipper {
  private readonly options: ShipperOptions;
  private readonly backoff: Backoff;
  private readonly abort = new AbortController();
  private readonly waiters = new Set<() => void>();
  private readonly counts = { deliveredSamples: 0, requests: 0, failures: 0, quarantinedBlocks: 0 };
  private requestsTaken = 0;
  /** Of the store's newest process that answered; 0 while none told. */
  private storeStartS = 0;
  private lastDeliveredAtMs: number | undefined;
  private outage: { sinceMs: number; reason: string; storeGone: boolean } | undefined;
  /** Monotonic; both lanes wait for it. */
  private closedUntilMs = 0;
  /** Monotonic; until then both lanes leave what does not fill a request. */
  private gatherUntilMs = 0;
  private stopping = false;
  /** Asked anew after each outage: another version may have come back. */
  private backlogCompression: Promise<Compression> | undefined;
  private lanes: Promise<unknown> | undefined;
  private unsubscribe: () => void = () => undefined;

  constructor(options: ShipperOptions) {
    this.options = options;
    this.backoff = createBackoff({ firstMs: BACKOFF_FIRST_MS, capMs: BACKOFF_CAP_MS, random: options.random });
  }

  start(): void {
    if (this.lanes) return;
    this.unsubscribe = this.options.spool.subscribe(() => this.wake());
    this.lanes = Promise.all([
      this.lane(
        () => (this.hasBacklog() ? LIVE_SAMPLES_BESIDE_BACKLOG_MAX : LIVE_SAMPLES_MAX),
        () => "snappy",
      ),
      this.lane(
        () => BACKLOG_SAMPLES_MAX,
        () => this.askedCompression(),
      ),
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

  private async lane(samplesMax: () => number, compression: () => Compression | Promise<Compression>): Promise<void> {
    let undecided: Undecided | undefined;
    while (!this.stopping) {
      const nowMs = this.options.clock.monotonicMs();
      const waitMs = Math.max(this.closedUntilMs - nowMs, undecided ? 0 : this.gatheringMs(nowMs));
      if (waitMs > 0) {
        await this.pause(waitMs);
        continue;
      }
      const blocks = undecided?.blocks ?? this.take(samplesMax());
      if (blocks.length === 0) await this.pause(IDLE_CHECK_MS);
      else undecided = this.stillUndecided(await this.tryToDeliver(blocks, await compression()), undecided);
    }
    if (undecided) this.release(undecided.blocks);
  }

  /**
   * What may be stored already is sent again as it is until the store has decided, also when it was certainly not taken
   * this time; unless the store takes all but this.
   */
  private stillUndecided({ blocks, mayBeStored }: Outcome, before: Undecided | undefined): Undecided | undefined {
    if (blocks.length === 0) return undefined;
    const takenBefore = before?.takenBefore ?? this.requestsTaken;
    if ((mayBeStored || before) && this.requestsTaken - takenBefore < OTHERS_TAKEN_MAX) return { blocks, takenBefore };
    this.release(blocks);
    return undefined;
  }

  /** How long what waits may wait for more; nothing when a request is full. */
  private gatheringMs(nowMs: number): number {
    return this.hasBacklog() ? 0 : this.gatherUntilMs - nowMs;
  }

  private hasBacklog(): boolean {
    return this.options.spool.pending().samples > LIVE_SAMPLES_MAX;
  }

  private take(samplesMax: number): TakenBlock[] {
    try {
      const blocks = this.options.spool.take(samplesMax);
      if (blocks.length > 0)
        this.gatherUntilMs = this.options.clock.monotonicMs() + (this.options.gatherMs ?? GATHER_MS);
      return blocks;
    } catch (error) {
      const reason = `the spool could not be read: ${String(error)}`;
      this.close({ kind: "not-now", reason, mayBeStored: false, storeGone: false });
      return [];
    }
  }

  private async tryToDeliver(blocks: TakenBlock[], asked: Compression): Promise<Outcome> {
    try {
      return await this.deliver(blocks, asked);
    } catch (error) {
      const reason = `samples could not be made a request: ${String(error)}`;
      this.close({ kind: "not-now", reason, mayBeStored: false, storeGone: false });
      return { blocks, mayBeStored: false };
    }
  }

  private askedCompression(): Promise<Compression> {
    this.backlogCompression ??= this.options.way
      .takesZstd(this.abort.signal)
      .then((isTaken) => (isTaken ? "zstd" : "snappy"));
    return this.backlogCompression;
  }

  /** Sends blocks together; when the store rejects them, one by one, to find the one that is to blame. */
  private async deliver(blocks: TakenBlock[], asked: Compression): Promise<Outcome> {
    let sent = await this.request(blocks, asked);
    if (sent.kind === "rejected" && asked === "zstd") {
      this.backlogCompression = Promise.resolve("snappy");
      sent = await this.request(blocks, "snappy");
    }
    if (sent.kind !== "rejected") return this.settle(blocks, sent);
    const [only, ...others] = blocks;
    if (only && others.length === 0) {
      this.quarantine(only, sent.reason);
      return SETTLED;
    }
    for (const [index, block] of blocks.entries()) {
      const alone = await this.request([block], "snappy");
      if (alone.kind === "rejected") {
        this.quarantine(block, alone.reason);
        continue;
      }
      const { mayBeStored } = this.settle([block], alone);
      if (alone.kind === "not-now") return { blocks: blocks.slice(index), mayBeStored };
    }
    return SETTLED;
  }

  private async request(blocks: TakenBlock[], compression: Compression): Promise<Sent> {
    this.counts.requests += 1;
    const batches = blocks.flatMap((block) => block.batches);
    const knownS = this.storeStartS;
    const sent = await this.options.way.send({ batches, compression, signal: this.abort.signal });
    if (sent.kind !== "delivered" || sent.storeStartS === undefined) return sent;
    const isOutlived = knownS < this.storeStartS && sent.storeStartS < this.storeStartS;
    if (!isOutlived) return sent;
    const reason = "it began anew while its answer was under way, and may not have what it had taken";
    return { kind: "not-now", reason, mayBeStored: true, storeGone: false };
  }

  private settle(blocks: TakenBlock[], sent: Exclude<Sent, { kind: "rejected" }>): Outcome {
    if (sent.kind === "not-now") {
      this.close(sent);
      return { blocks, mayBeStored: sent.mayBeStored };
    }
    const { spool, clock } = this.options;
    for (const block of blocks) this.counts.deliveredSamples += block.samples;
    this.requestsTaken += 1;
    this.lastDeliveredAtMs = clock.nowMs();
    this.meet(sent.storeStartS);
    const acked = spool.ack(blocks.map((block) => block.id));
    this.inBackground(acked, "delivered blocks could not be marked as sent; they are sent again");
    this.open();
    return SETTLED;
  }

  /** A store that began anew since the last answer may have lost what it had not written. */
  private meet(storeStartS: number | undefined): void {
    if (storeStartS === undefined) return;
    this.storeStartS = Math.max(this.storeStartS, storeStartS);
    const met = this.options.spool.meetStore(storeStartS);
    this.inBackground(met, "what the store may have lost could not be put in line again");
  }

  private release(blocks: readonly TakenBlock[]): void {
    this.options.spool.release(blocks.map((block) => block.id));
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
  private close(failure: NotNow): void {
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
    if (!outage.storeGone || this.storeStartS > 0) return;
    const again = spool.requeueSent({ fromMs: outage.sinceMs - RESEND_WINDOW_MS, toMs: outage.sinceMs });
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
