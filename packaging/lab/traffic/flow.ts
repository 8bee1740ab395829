import { between, type Random } from "../topology/index.ts";

const DAY_SECONDS = 86_400;
/** The deepest all waves together may push the rate away from its mean. */
const SWING_MAX = 0.85;

interface Wave {
  /** Share of the mean. */
  swing: number;
  radiansPerSecond: number;
  phase: number;
  cosPhase: number;
}

/**
 * Traffic in one direction of a link. Its rate is a daily curve with quicker waves on top, all sines, so that the
 * octets since the site began are a formula of time: exact, never falling, the same for both ends, and no timer.
 */
export class Flow {
  readonly octetsPerSecond: number;
  readonly packetOctets: number;
  readonly #waves: Wave[];
  readonly #epochMs: number;
  #carried = 0;
  #settledAt = 0;
  #running = true;
  /** Octets, packets and both ends ask for one moment: it is worked out once. */
  #last = { atMs: Number.NaN, total: 0 };

  /** `meanShare` is the mean load as a share of the line rate; at most 0.5, so that no peak passes the line. */
  constructor(random: Random, options: { epochMs: number; lineBps: number; meanShare: number }) {
    this.octetsPerSecond = (options.lineBps / 8) * Math.min(options.meanShare, 0.5);
    this.packetOctets = Math.round(between(random, 420, 980));
    this.#epochMs = options.epochMs;
    const shares: [periodSeconds: number, share: number][] = [
      [DAY_SECONDS, 0.5],
      [between(random, 2_400, 4_800), 0.2],
      [between(random, 500, 1_100), 0.15],
      [between(random, 70, 190), 0.15],
    ];
    this.#waves = shares.map(([period, share]) => {
      const phase = between(random, 0, 2 * Math.PI);
      return {
        swing: share * SWING_MAX,
        radiansPerSecond: (2 * Math.PI) / period,
        phase,
        cosPhase: Math.cos(phase),
      };
    });
  }

  /** The lowest rate the curve can have while the link is up. */
  get floorOctetsPerSecond(): number {
    return this.octetsPerSecond * (1 - SWING_MAX);
  }

  /** Octets carried since the site began. */
  total(nowMs: number): number {
    if (!this.#running) return this.#carried;
    if (this.#last.atMs !== nowMs) {
      this.#last.total = this.#carried + (this.#integral(nowMs) - this.#settledAt);
      this.#last.atMs = nowMs;
    }
    return this.#last.total;
  }

  /** Starts or stops the traffic, as the link goes up or down. */
  run(running: boolean, nowMs: number): void {
    if (running === this.#running) return;
    this.#carried = this.total(nowMs);
    this.#settledAt = this.#integral(nowMs);
    this.#running = running;
    this.#last.atMs = Number.NaN;
  }

  #integral(nowMs: number): number {
    const seconds = (nowMs - this.#epochMs) / 1_000;
    let integral = seconds;
    for (const { swing, radiansPerSecond, phase, cosPhase } of this.#waves) {
      integral += (swing / radiansPerSecond) * (cosPhase - Math.cos(radiansPerSecond * seconds + phase));
    }
    return this.octetsPerSecond * integral;
  }
}
