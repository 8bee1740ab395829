import { Register } from "./register.ts";

const SERIES_MAX = 20_000_000;
const SERIES_PER_DEVICE_MAX = 100_000;

/** The registers of all devices and endpoints. Bounded, since names come from devices. */
export class SeriesTable {
  readonly #seriesMax: number;
  readonly #perDeviceMax: number;
  readonly #registers = new Map<string, Register>();
  #count = 0;
  #refused = 0;

  constructor(limits: { seriesMax?: number; seriesPerDeviceMax?: number } = {}) {
    this.#seriesMax = limits.seriesMax ?? SERIES_MAX;
    this.#perDeviceMax = limits.seriesPerDeviceMax ?? SERIES_PER_DEVICE_MAX;
  }

  /** How many series there are. */
  get count(): number {
    return this.#count;
  }

  /** How often a series was refused because a limit was met. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * The series of a device. What applications say of it is in a register of another name, so that it does not crowd out
   * polls; an empty device is none.
   */
  register(name: string, device = name): Register {
    let register = this.#registers.get(name);
    if (!register) {
      register = new Register(device, (taken) => this.#claim(taken));
      this.#registers.set(name, register);
    }
    return register;
  }

  #claim(taken: number): boolean {
    if (this.#count >= this.#seriesMax || taken >= this.#perDeviceMax) {
      this.#refused += 1;
      return false;
    }
    this.#count += 1;
    return true;
  }
}
