import { create } from "@bufbuild/protobuf";
import {
  type Downlink,
  type Drain,
  HeartbeatSchema,
  HelloSchema,
  type Uplink,
  UplinkSchema,
  type Welcome,
} from "@watchpost/proto";
import type { LinkOptions } from "./api.ts";
import { EventWindow } from "./event-window.ts";
import type { HubClock } from "./hub-clock.ts";
import type { InventoryBook } from "./inventory-book.ts";
import { describeEnd, openStream, type Stream } from "./stream.ts";

const TICK_MS = 250;
const WELCOME_DEADLINE_MS = 15_000;
const HEARTBEAT_MIN_MS = 500;
const HEARTBEAT_MAX_MS = 10_000;
/** Heartbeats that may go unanswered before the path counts as dead. */
const SILENT_BEATS = 2.5;
const DRAIN_DEADLINE_MS = 1_500;
/** Far beyond what the slowest commit takes; heartbeats alone do not show that events get through. */
const ACK_DEADLINE_MS = 90_000;
const RECONNECT_PAUSE_MAX_MS = 60_000;
const RESULTS_RESEND_MS = 30_000;
const WAITING_MAX = 1_024;
const FAREWELL_MS = 500;

export type SessionEnd =
  | { kind: "closed"; reason: string }
  /** The hub asked to come back later. */
  | { kind: "drained"; pauseMs: number }
  /** We wanted to stop. */
  | { kind: "stopped" };

export interface SessionContext extends Omit<LinkOptions, "dialAddress"> {
  address: string;
  book: InventoryBook;
  hubClock: HubClock;
  onState: (state: "streaming" | "draining") => void;
  onConfig: (push: Extract<Downlink["message"], { case: "config" }>["value"]) => void;
}

/** One stream from hello to its end. All sending goes through `pump`, which obeys the stream's flow control. */
export class Session {
  private readonly context: SessionContext;
  private readonly stream: Stream;
  private readonly window: EventWindow;
  private readonly ended = Promise.withResolvers<SessionEnd>();
  private readonly waiting: Uplink["message"][] = [];
  private phase: "greeting" | "streaming" | "draining" | "ended" = "greeting";
  private blocked = false;
  private heartbeatMs = HEARTBEAT_MAX_MS;
  private beatAtMs = Number.NEGATIVE_INFINITY;
  private resultsAtMs = 0;
  /** When events began to wait for the acknowledgement that is due next. */
  private ackDueFromMs = 0;
  private heardAtMs: number;
  private hubClockMs = 0n;
  private hubClockAtMs = 0;
  private drainUntilMs = 0;
  private afterDrain: SessionEnd = { kind: "stopped" };
  private cancelTick: () => void = () => undefined;

  constructor(context: SessionContext) {
    this.context = context;
    this.window = new EventWindow(context.outbox);
    this.heardAtMs = context.clock.monotonicMs();
    this.stream = (context.openStream ?? openStream)(context.address, context.identity.current());
  }

  /** Runs the stream; resolves when it is over and nothing of it is left. */
  async run(): Promise<SessionEnd> {
    const { address, clock, outbox } = this.context;
    const unsubscribe = outbox.subscribe(() => this.pump());
    const over = Promise.withResolvers<void>();
    this.stream.listen({
      message: (message) => this.receive(message),
      writable: () => {
        this.blocked = false;
        this.pump();
      },
      failed: (error) =>
        this.finish({ kind: "closed", reason: describeEnd(address, error, this.phase !== "greeting") }),
      over: () => {
        this.finish({ kind: "closed", reason: `the hub at ${address} ended the stream` });
        over.resolve();
      },
    });
    this.planTick();
    this.sayHello();
    const end = await this.ended.promise;
    this.cancelTick();
    unsubscribe();
    if (end.kind !== "closed") {
      this.stream.end();
      const cancelFarewell = clock.after(FAREWELL_MS, over.resolve);
      await over.promise;
      cancelFarewell();
    }
    this.stream.close();
    return end;
  }

  /** False when it cannot be taken: the caller keeps it. */
  post(message: Uplink["message"]): boolean {
    if (this.phase !== "streaming" || this.waiting.length >= WAITING_MAX) return false;
    this.waiting.push(message);
    this.pump();
    return true;
  }

  eventsInFlight(): number {
    return Number(this.window.inFlight());
  }

  /** Sends no more events, waits a moment for what is under way, then ends. */
  drain(end: SessionEnd): void {
    if (this.phase === "greeting") return this.finish(end);
    if (this.phase !== "streaming") return;
    this.phase = "draining";
    this.afterDrain = end;
    this.drainUntilMs = this.context.clock.monotonicMs() + DRAIN_DEADLINE_MS;
    this.context.onState("draining");
    this.endIfDrained();
  }

  private sayHello(): void {
    const { outbox, version, clock } = this.context;
    const clockMs = BigInt(clock.nowMs());
    const value = create(HelloSchema, {
      collectorVersion: version,
      outboxEpoch: outbox.epoch(),
      configVersion: this.context.configVersion(),
      allowedScripts: [...this.context.allowedScripts()],
      clockMs,
    });
    this.stream.send(create(UplinkSchema, { message: { case: "hello", value } }));
  }

  private receive({ message }: Downlink): void {
    if (this.phase === "ended") return;
    this.heardAtMs = this.context.clock.monotonicMs();
    if (this.phase === "greeting") {
      if (message.case === "welcome") return this.welcome(message.value);
      return this.finish({
        kind: "closed",
        reason: `the hub said ${message.case ?? "something unknown"} before welcome`,
      });
    }
    try {
      this.dispatch(message);
    } catch (error) {
      this.context.log.error({ err: error, message: message.case }, "a message of the hub could not be handled");
    }
    this.pump();
  }

  private welcome(welcome: Welcome): void {
    const { outbox, book, hubClock, log, handlers } = this.context;
    const begun = this.window.begin(welcome.ackedSeq);
    if (begun.kind === "numbering-differs") {
      outbox.beginEpoch().catch((error: unknown) => log.error({ err: error }, "events could not be numbered anew"));
      const reason = `${begun.reason}: one of the two was put back from a copy. Pending events are sent under new numbers`;
      return this.finish({ kind: "closed", reason });
    }
    this.phase = "streaming";
    this.hubClockMs = welcome.clockMs;
    this.hubClockAtMs = this.heardAtMs;
    this.heartbeatMs = Math.min(HEARTBEAT_MAX_MS, Math.max(HEARTBEAT_MIN_MS, welcome.heartbeatIntervalMs));
    this.resultsAtMs = this.context.clock.monotonicMs();
    this.forget(welcome.ackedSeq);
    book.restart();
    hubClock.forgetSent();
    this.context.onState("streaming");
    log.info({ address: this.context.address, ackedSeq: Number(welcome.ackedSeq) }, "streaming to the hub");
    try {
      handlers.onConnected?.();
    } catch (error) {
      log.error({ err: error }, "what waits for a connection could not be sent");
    }
    if (!handlers.onConnected) this.resendResults();
    this.pump();
  }

  private dispatch(message: Downlink["message"]): void {
    const { handlers, hubClock, identity } = this.context;
    switch (message.case) {
      case "ack":
        return this.acknowledged(message.value.seq);
      case "heartbeat":
        this.hubClockMs = message.value.clockMs;
        this.hubClockAtMs = this.heardAtMs;
        return hubClock.received(message.value);
      case "config":
        return this.context.onConfig(message.value);
      case "runScript":
        return handlers.onOrder(message.value);
      case "cancelScript":
        return handlers.onCancel(message.value.executionId);
      case "scriptResultAck":
        return handlers.onScriptResultAcked(message.value.executionId);
      case "runScan":
        return handlers.discovery?.order(message.value);
      case "cancelScan":
        return handlers.discovery?.cancel(message.value.scanId);
      case "scanReportAck":
        return handlers.discovery?.acked(message.value);
      case "trust":
        return identity.replace({ trust: message.value });
      case "drain":
        return this.drainAsked(message.value);
      case "welcome":
        return this.finish({ kind: "closed", reason: "the hub said welcome twice" });
      case undefined:
        // A newer hub may say things this version does not know.
        return;
    }
  }

  private drainAsked(drain: Drain): void {
    this.drain({ kind: "drained", pauseMs: Math.min(drain.reconnectAfterMs, RECONNECT_PAUSE_MAX_MS) });
  }

  private acknowledged(seq: bigint): void {
    if (!this.window.acked(seq)) {
      const reason = `the hub acknowledged event ${seq}, but only ${this.window.sentUpTo()} are sent`;
      return this.finish({ kind: "closed", reason });
    }
    this.ackDueFromMs = this.context.clock.monotonicMs();
    this.forget(seq);
    this.endIfDrained();
  }

  private forget(seq: bigint): void {
    if (seq === 0n) return;
    this.context.outbox.ack(seq).catch((error: unknown) => {
      this.context.log.error(
        { err: error, seq: Number(seq) },
        "acknowledged events could not be removed from the outbox",
      );
    });
  }

  /** Sends what is due, most urgent first, until the stream is full or nothing is left. */
  private pump(): void {
    try {
      while (!this.blocked && (this.phase === "streaming" || this.phase === "draining")) {
        const message = this.next();
        if (!message) return;
        this.blocked = !this.stream.send(create(UplinkSchema, { message }));
      }
    } catch (error) {
      this.finish({ kind: "closed", reason: `the next message could not be made: ${String(error)}` });
    }
  }

  private next(): Uplink["message"] | undefined {
    const nowMs = this.context.clock.monotonicMs();
    if (nowMs - this.beatAtMs >= this.heartbeatMs) return this.heartbeat(nowMs);
    const waiting = this.waiting.shift();
    if (waiting) return waiting;
    if (this.phase === "draining") return undefined;
    const events = this.window.next();
    if (events) {
      if (this.window.inFlight() === BigInt(events.events.length)) this.ackDueFromMs = nowMs;
      return { case: "events", value: events };
    }
    const inventory = this.context.book.next(nowMs);
    return inventory && { case: "inventory", value: inventory };
  }

  private heartbeat(nowMs: number): Uplink["message"] {
    const { clock, hubClock, outbox, samplesPending } = this.context;
    this.beatAtMs = nowMs;
    const clockMs = BigInt(clock.nowMs());
    hubClock.sentOurs(clockMs);
    const value = create(HeartbeatSchema, {
      clockMs,
      echoClockMs: this.hubClockMs,
      echoAgeMs: Math.max(0, Math.round(nowMs - this.hubClockAtMs)),
      samplesPending: BigInt(samplesPending()),
      eventsPending: BigInt(outbox.pending().events),
    });
    return { case: "heartbeat", value };
  }

  private planTick(): void {
    this.cancelTick = this.context.clock.after(TICK_MS, () => {
      this.planTick();
      this.tick();
    });
  }

  private tick(): void {
    const nowMs = this.context.clock.monotonicMs();
    const silentMs = nowMs - this.heardAtMs;
    if (this.phase === "greeting") {
      if (silentMs > WELCOME_DEADLINE_MS) this.dead(silentMs);
      return;
    }
    if (silentMs > SILENT_BEATS * this.heartbeatMs) return this.dead(silentMs);
    if (this.window.inFlight() > 0n && nowMs - this.ackDueFromMs > ACK_DEADLINE_MS) return this.unacknowledged();
    if (nowMs - this.resultsAtMs > RESULTS_RESEND_MS) this.resendResults();
    this.endIfDrained();
    this.pump();
  }

  private dead(silentMs: number): void {
    const reason = `nothing came from the hub at ${this.context.address} for ${Math.round(silentMs)} ms`;
    this.finish({ kind: "closed", reason });
  }

  private unacknowledged(): void {
    const reason = `the hub at ${this.context.address} acknowledged none of ${this.window.inFlight()} events in ${ACK_DEADLINE_MS} ms`;
    this.finish({ kind: "closed", reason: `${reason}; they are sent again` });
  }

  private resendResults(): void {
    this.resultsAtMs = this.context.clock.monotonicMs();
    for (const value of this.context.handlers.pendingScriptResults()) {
      if (!this.post({ case: "scriptResult", value })) return;
    }
  }

  private endIfDrained(): void {
    if (this.phase !== "draining") return;
    const over = this.context.clock.monotonicMs() >= this.drainUntilMs;
    if (over || (this.window.inFlight() === 0n && this.waiting.length === 0)) this.finish(this.afterDrain);
  }

  private finish(end: SessionEnd): void {
    if (this.phase === "ended") return;
    this.phase = "ended";
    this.ended.resolve(end);
  }
}
