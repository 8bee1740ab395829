import { between, type Random } from "../topology/index.ts";
import { Level } from "../traffic/index.ts";
import type { Model } from "./model.ts";

/** Seconds a leak takes from its usual level to nearly full: slow enough to watch, quick enough to show. */
const FILL_SECONDS = 150;
const HOT_DEGREES = 14;
const HEAT_SECONDS = 120;
const FULL = 0.985;

/** CPU, memory, disks, fans, power and heat of a device, and what faults do to them. */
export class Health {
  readonly #cpu: Level[];
  readonly #memory: Level;
  readonly #disk: Level;
  readonly #temperatures: Level[];
  readonly #rpm: Level[];
  /** Fault id -> when it began. */
  readonly busy = new Map<string, number>();
  readonly leaks = new Map<string, number>();
  readonly filling = new Map<string, number>();
  readonly failedFans = new Map<string, number>();
  readonly failedSupplies = new Map<string, number>();

  constructor(model: Model, random: Random) {
    const level = (low: number, high: number) => new Level(random, low, high);
    const cpuBase = between(random, 0.04, 0.22);
    this.#cpu = Array.from({ length: model.processors }, () => level(cpuBase, cpuBase + between(random, 0.06, 0.18)));
    const memoryBase = between(random, 0.38, 0.62);
    this.#memory = level(memoryBase, memoryBase + 0.03);
    this.#disk = level(0.55, 0.57);
    this.#temperatures = model.temperatures.map((_, i) => level(27 + 7 * i, 31 + 7 * i));
    this.#rpm = model.fans.map(() => level(model.fanRpm * 0.97, model.fanRpm * 1.03));
  }

  /** Share of a processor in use, 0 to 1. */
  cpuUsage(processor: number, nowMs: number): number {
    const usual = this.#cpu[processor]?.at(nowMs) ?? 0;
    return this.busy.size > 0 ? 0.96 + usual / 20 : usual;
  }

  memoryUsage(nowMs: number): number {
    return filled(this.#memory.at(nowMs), this.leaks, nowMs);
  }

  diskUsage(nowMs: number): number {
    return filled(this.#disk.at(nowMs), this.filling, nowMs);
  }

  celsius(sensor: number, nowMs: number): number {
    const [since] = this.failedFans.values();
    const heat = since === undefined ? 0 : HOT_DEGREES * Math.min(1, (nowMs - since) / 1_000 / HEAT_SECONDS);
    return (this.#temperatures[sensor]?.at(nowMs) ?? 0) + heat;
  }

  /** The first fan is the one that fails. */
  fanFailed(fan: number): boolean {
    return fan === 0 && this.failedFans.size > 0;
  }

  rpm(fan: number, nowMs: number): number {
    return this.fanFailed(fan) ? 0 : Math.round(this.#rpm[fan]?.at(nowMs) ?? 0);
  }

  /** The last supply is the one that fails, so that the device stays on. */
  supplyFailed(supply: number, supplies: number): boolean {
    return supply === supplies - 1 && this.failedSupplies.size > 0;
  }

  /** Seconds since mains power was lost (for a UPS); undefined while there is some. */
  onBatterySeconds(nowMs: number): number | undefined {
    const [since] = this.failedSupplies.values();
    return since === undefined ? undefined : Math.max(0, Math.floor((nowMs - since) / 1_000));
  }
}

function filled(usual: number, faults: ReadonlyMap<string, number>, nowMs: number): number {
  const [since] = faults.values();
  if (since === undefined) return usual;
  const progress = Math.min(1, Math.max(0, (nowMs - since) / 1_000 / FILL_SECONDS));
  return usual + (FULL - usual) * progress;
}
