import * as fc from "fast-check";
import { type Mib, MibBuilder, value } from "../../packaging/lab/agent/index.ts";

/** What happens to a device between two polls, beside the traffic that always flows. */
const EVENTS = [
  "none",
  "reboot",
  "agent-restart",
  "discontinuity",
  "shuffle",
  "reboot-and-shuffle",
  "wide-go",
  "wide-come",
] as const;
type Event = (typeof EVENTS)[number];

export const STEP_MS = 30_000;
const TICKS_A_STEP = STEP_MS / 10;
const WRAP_32 = 1n << 32n;
const WRAP_64 = 1n << 64n;
const ROLL_AT = 4_000_000_000;
const GIGABIT = 1_000_000_000;
const SYSTEM = "1.3.6.1.2.1.1";
const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1";

export interface Life {
  ports: { speedBps: number; start: bigint }[];
  uptimeTicks: number;
  /** Whether it says when its tables changed, and how often it booted. */
  tellsChanges: boolean;
  tellsBoots: boolean;
  hasWide: boolean;
  /** `load` is the share of the line that the traffic takes, `at` when within the interval the event is. */
  steps: { event: Event; load: number; at: number }[];
}

const nearWrap = (wrap: bigint) => fc.bigInt({ min: wrap - 4_000_000_000n, max: wrap - 1n });

/** Lives with wraps, rolls, reboots and shuffles; a device that has just booted does not do so again at once. */
export function lives(steps: number): fc.Arbitrary<Life> {
  const start = fc.oneof(
    fc.bigInt({ min: 0n, max: 1n << 40n }),
    nearWrap(WRAP_32),
    nearWrap(1n << 53n),
    nearWrap(WRAP_64),
  );
  const uptimeTicks = fc.oneof(
    fc.integer({ min: 500_000, max: 900_000_000 }),
    fc.integer({ min: 2 ** 32 - steps * TICKS_A_STEP, max: 2 ** 32 - 1 }),
  );
  const step = fc.record({
    event: fc.constantFrom(...EVENTS),
    load: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    at: fc.integer({ min: 5, max: 95 }).map((percent) => percent / 100),
  });
  const speedBps = fc.constantFrom(10_000_000, 100_000_000, GIGABIT, 10 * GIGABIT);
  return fc
    .record({
      ports: fc.array(fc.record({ speedBps, start }), { minLength: 2, maxLength: 3 }),
      uptimeTicks,
      tellsChanges: fc.boolean(),
      tellsBoots: fc.boolean(),
      hasWide: fc.boolean(),
      steps: fc.array(step, { minLength: steps, maxLength: steps }),
    })
    .map((life) => ({
      ...life,
      // A boot within seconds of the roll of the clock looks like the roll, but to who counts boots.
      tellsBoots: life.tellsBoots || life.uptimeTicks > ROLL_AT,
      steps: life.steps.map((one, i) => (wasBoot(life.steps[i - 1]) ? calm(one) : one)),
    }));
}

function wasBoot(step: Life["steps"][number] | undefined): boolean {
  return step !== undefined && (step.event.startsWith("reboot") || step.event === "agent-restart");
}

function calm(step: Life["steps"][number]): Life["steps"][number] {
  return wasBoot(step) ? { ...step, event: "none" } : step;
}

interface Port {
  name: string;
  index: number;
  speedBps: number;
  octets: bigint;
  discontinuityTicks: number;
}

/** What one interval brought to one port. */
export interface Truth {
  name: string;
  octets: bigint;
  /** The most that the line carries in an interval. */
  octetsMax: bigint;
  /** Nothing happened that hides a part of it: all of it must be counted. */
  mustBeWhole: boolean;
  /** Wide counters came, and are found when the device is next asked for everything: that costs one interval then. */
  mayLoseLater: boolean;
  /** Only the agent began anew: a small counter that went on looks like one that did as well, and nobody can tell. */
  isAmbiguous: boolean;
}

/** One device that lives such a life; its counters run as those of real agents do. */
export class CounterWorld {
  readonly #life: Life;
  readonly #ports: Port[];
  #uptimeTicks: number;
  #boots = 3;
  #tableChange = 0;
  #hasWide: boolean;
  #alwaysWide: boolean;
  #at = 0;
  mib: Mib;

  constructor(life: Life) {
    this.#life = life;
    this.#uptimeTicks = life.uptimeTicks;
    this.#hasWide = life.hasWide;
    this.#alwaysWide = life.hasWide;
    this.#ports = life.ports.map(({ speedBps, start }, i) => ({
      name: `ge${i + 1}`,
      index: i + 1,
      speedBps,
      octets: start,
      discontinuityTicks: 0,
    }));
    this.mib = this.#build();
  }

  get ports(): number {
    return this.#ports.length;
  }

  /** Lives on to the next poll. */
  step(): Truth[] {
    const step = this.#life.steps[this.#at++] ?? { event: "none", load: 0, at: 0 };
    const { event, at } = step;
    const boots = event.startsWith("reboot");
    const truths = this.#ports.map((port, i) =>
      this.#pass(port, step, boots || (event === "discontinuity" && i === 0)),
    );
    this.#uptimeTicks = (this.#uptimeTicks + TICKS_A_STEP) % 2 ** 32;
    if (boots || event === "agent-restart") {
      this.#uptimeTicks = Math.floor(TICKS_A_STEP * (1 - at));
      this.#boots += 1;
      this.#tableChange = 0;
    }
    if (event === "discontinuity" && this.#ports[0]) this.#ports[0].discontinuityTicks = this.#uptimeTicks;
    if (event.endsWith("shuffle")) this.#shuffle();
    if (event === "wide-go") this.#hasWide = this.#alwaysWide = false;
    if (event === "wide-come") this.#hasWide = true;
    this.mib = this.#build();
    return truths;
  }

  #pass(port: Port, { event, load, at }: Life["steps"][number], isSetBack: boolean): Truth {
    const octetsMax = BigInt((port.speedBps / 8) * (STEP_MS / 1_000));
    const octets = (octetsMax * BigInt(Math.floor(load * 1e6))) / 1_000_000n;
    const since = (octets * BigInt(Math.floor((1 - at) * 1e6))) / 1_000_000n;
    const wasWide = this.#hasWide;
    const changesWidth = (event === "wide-go" && wasWide) || (event === "wide-come" && !wasWide);
    port.octets = isSetBack ? since : (port.octets + octets) % WRAP_64;
    if (event.startsWith("reboot")) port.discontinuityTicks = 0;
    // More than one wrap in an interval can be told by nobody.
    const isTold = this.#alwaysWide || octetsMax < WRAP_32;
    const mustBeWhole = isTold && !isSetBack && !changesWidth && event !== "agent-restart";
    const mayLoseLater = event === "wide-come" && !wasWide;
    return { name: port.name, octets, octetsMax, mustBeWhole, mayLoseLater, isAmbiguous: event === "agent-restart" };
  }

  #shuffle(): void {
    const [first] = this.#ports.splice(0, 1);
    if (first) this.#ports.push(first);
    for (const [i, port] of this.#ports.entries()) port.index = i + 1;
    this.#tableChange = this.#uptimeTicks;
  }

  #build(): Mib {
    const mib = new MibBuilder();
    mib.scalar(`${SYSTEM}.2`, value.objectId("1.3.6.1.4.1.99999.1"));
    mib.scalar(`${SYSTEM}.3`, value.timeTicks(this.#uptimeTicks));
    if (this.#life.tellsBoots) mib.scalar("1.3.6.1.6.3.10.2.1.2", value.integer(this.#boots));
    if (this.#life.tellsChanges) mib.scalar("1.3.6.1.2.1.31.1.5", value.timeTicks(this.#tableChange));
    for (const { index, name, speedBps, octets, discontinuityTicks } of this.#ports) {
      mib.row(IF_ENTRY, [index], { 2: value.octets(name), 7: value.integer(1), 8: value.integer(1) });
      mib.cell(`${IF_ENTRY}.10`, [index], value.counter32(octets % WRAP_32));
      mib.row(IFX_ENTRY, [index], { 1: value.octets(name), 15: value.gauge32(speedBps / 1e6) });
      mib.cell(`${IFX_ENTRY}.19`, [index], value.timeTicks(discontinuityTicks));
      if (this.#hasWide) mib.cell(`${IFX_ENTRY}.6`, [index], value.counter64(octets));
    }
    return mib.build();
  }
}
