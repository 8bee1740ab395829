import type { Device, ScriptOutput, ScriptResult } from "@watchpost/proto";
import { type Backoff, createBackoff } from "../backoff.ts";
import type { DiscoveryMessage, Link, LinkOptions, LinkState, LinkStatus } from "./api.ts";
import { ConfigQueue } from "./config-queue.ts";
import { HubClock } from "./hub-clock.ts";
import { InventoryBook } from "./inventory-book.ts";
import { Session, type SessionEnd } from "./session.ts";

const BACKOFF_FIRST_MS = 500;
const BACKOFF_CAP_MS = 30_000;
const STABLE_MS = 60_000;

export function createLink(options: LinkOptions): Link {
  return new HubLink(options);
}

/** Keeps one stream to the hub: opens it, waits for its end, pauses, opens the next. */
class HubLink implements Link {
  private readonly options: LinkOptions;
  private readonly book = new InventoryBook();
  private readonly hubClock: HubClock;
  private readonly configs: ConfigQueue;
  private readonly backoff: Backoff;
  private current: LinkState = "disconnected";
  private session: Session | undefined;
  private streamingSinceMs: number | undefined;
  /** Monotonic; a stream that reaches it has proven itself. */
  private stableFromMs = Number.POSITIVE_INFINITY;
  private lastEnd: string | undefined;
  private streams = 0;
  private stopping = false;
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.options = options;
    this.hubClock = new HubClock(options.clock);
    this.configs = new ConfigQueue(
      (push) => options.handlers.onConfig(push),
      (value) => this.session?.post({ case: "configResult", value }),
    );
    this.backoff = createBackoff({ firstMs: BACKOFF_FIRST_MS, capMs: BACKOFF_CAP_MS, random: options.random });
  }

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.session?.drain({ kind: "stopped" });
    this.wake();
    await this.running;
  }

  state(): LinkState {
    return this.current;
  }

  status(): LinkStatus {
    return {
      state: this.current,
      address: this.address(),
      streams: this.streams,
      eventsInFlight: this.session?.eventsInFlight() ?? 0,
      ...(this.streamingSinceMs === undefined ? {} : { streamingSinceMs: this.streamingSinceMs }),
      ...(this.lastEnd === undefined ? {} : { lastEnd: this.lastEnd }),
      ...this.hubClock.measured(),
    };
  }

  hubOffsetMs(): number {
    return this.hubClock.measured()?.hubOffsetMs ?? 0;
  }

  setDevice(device: Device): void {
    this.book.set(device);
  }

  removeDevice(name: string): void {
    this.book.remove(name);
  }

  listingComplete(): void {
    this.book.listingComplete();
  }

  sendScriptOutput(value: ScriptOutput): boolean {
    return this.session?.post({ case: "scriptOutput", value }) ?? false;
  }

  sendScriptResult(value: ScriptResult): boolean {
    return this.session?.post({ case: "scriptResult", value }) ?? false;
  }

  sendDiscovery(message: DiscoveryMessage): boolean {
    return this.session?.post(message) ?? false;
  }

  private address(): string {
    return this.options.dialAddress ?? this.options.identity.current().linkAddress;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const end = await this.oneStream();
      if (this.stopping) return;
      await this.pause(this.pauseAfter(end));
    }
  }

  private async oneStream(): Promise<SessionEnd> {
    this.current = "connecting";
    let end: SessionEnd;
    try {
      this.session = this.newSession();
      end = await this.session.run();
    } catch (error) {
      end = { kind: "closed", reason: `no stream to the hub at ${this.address()}: ${String(error)}` };
    }
    this.session = undefined;
    this.current = "disconnected";
    return end;
  }

  private newSession(): Session {
    return new Session({
      ...this.options,
      address: this.address(),
      book: this.book,
      hubClock: this.hubClock,
      onConfig: (push) => this.configs.push(push),
      onState: (state) => this.entered(state),
    });
  }

  private entered(state: "streaming" | "draining"): void {
    this.current = state;
    if (state !== "streaming") return;
    this.streams += 1;
    this.streamingSinceMs = this.options.clock.nowMs();
    this.stableFromMs = this.options.clock.monotonicMs() + STABLE_MS;
  }

  private pauseAfter(end: SessionEnd): number {
    const { clock, log, random } = this.options;
    if (clock.monotonicMs() >= this.stableFromMs) this.backoff.reset();
    this.stableFromMs = Number.POSITIVE_INFINITY;
    this.streamingSinceMs = undefined;
    if (end.kind === "drained") {
      this.lastEnd = "the hub asked to come back later";
      const pauseMs = Math.round(end.pauseMs * (1 + random()));
      log.info({ pauseMs }, "the hub is going away; coming back after a pause");
      return pauseMs;
    }
    const pauseMs = this.backoff.nextMs();
    this.lastEnd = end.kind === "closed" ? end.reason : "stopped";
    log.warn({ pauseMs }, `link: ${this.lastEnd}`);
    return pauseMs;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
