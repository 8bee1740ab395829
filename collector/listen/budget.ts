const WINDOW_MS = 60_000;
const PER_DEVICE_MAX = 30;
const ALL_MAX = 600;
const DEVICES_MAX = 20_000;

/** How many different messages become events in a window: of one device, and of all. */
export class Budget {
  #startedMs = Number.NEGATIVE_INFINITY;
  #all = 0;
  readonly #devices = new Map<string, number>();

  /** "device" and "all" say whose share is used up. */
  take(device: string, nowMs: number): "yes" | "device" | "all" {
    if (nowMs - this.#startedMs >= WINDOW_MS) {
      this.#startedMs = nowMs;
      this.#all = 0;
      this.#devices.clear();
    }
    const used = this.#devices.get(device) ?? 0;
    if (used >= PER_DEVICE_MAX) return "device";
    if (this.#all >= ALL_MAX || this.#devices.size >= DEVICES_MAX) return "all";
    this.#devices.set(device, used + 1);
    this.#all += 1;
    return "yes";
  }
}
