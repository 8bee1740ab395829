import type { Heartbeat } from "@watchpost/proto";
import type { Clock } from "../clock.ts";

const SAMPLES_KEPT = 8;
const SENT_KEPT = 8;

interface Measured {
  roundTripMs: number;
  /** Hub clock minus own monotonic clock: stays true when the site's wall clock steps. */
  hubMinusMonotonicMs: number;
}

/** Measures the hub's clock against ours from echoed heartbeats; the quickest of the last round trips counts. */
export class HubClock {
  private readonly clock: Clock;
  private readonly sent: { clockMs: bigint; atMs: number }[] = [];
  private readonly samples: Measured[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Call when a message with our clock in it is written. */
  sentOurs(clockMs: bigint): void {
    this.sent.push({ clockMs, atMs: this.clock.monotonicMs() });
    if (this.sent.length > SENT_KEPT) this.sent.shift();
  }

  /** A new stream answers nothing of the old one. */
  forgetSent(): void {
    this.sent.length = 0;
  }

  /** Call when the hub's clock comes back with the echo of ours. */
  received(beat: Pick<Heartbeat, "clockMs" | "echoClockMs" | "echoAgeMs">): void {
    const ours = this.sent.find((entry) => entry.clockMs === beat.echoClockMs);
    if (!ours) return;
    const nowMs = this.clock.monotonicMs();
    const roundTripMs = Math.max(0, nowMs - ours.atMs - beat.echoAgeMs);
    this.samples.push({ roundTripMs, hubMinusMonotonicMs: Number(beat.clockMs) + roundTripMs / 2 - nowMs });
    if (this.samples.length > SAMPLES_KEPT) this.samples.shift();
  }

  /** Undefined until the first echo. */
  measured(): { hubOffsetMs: number; roundTripMs: number } | undefined {
    const best = this.samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0];
    if (!best) return undefined;
    const hubNowMs = best.hubMinusMonotonicMs + this.clock.monotonicMs();
    return { hubOffsetMs: Math.round(hubNowMs - this.clock.nowMs()), roundTripMs: Math.round(best.roundTripMs) };
  }
}
