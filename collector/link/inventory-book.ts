import { create } from "@bufbuild/protobuf";
import { type Device, type Inventory, InventorySchema } from "@watchpost/proto";

const FLUSH_INTERVAL_MS = 1_000;
const DEVICES_A_MESSAGE_MAX = 50;
const INTERFACES_A_MESSAGE_MAX = 5_000;

/** The newest of each device, and which of them the hub has yet to hear of. */
export class InventoryBook {
  private readonly devices = new Map<string, Device>();
  private readonly dirty = new Set<string>();
  /** Names of the flush under way, in the order they go out. */
  private flushing: string[] = [];
  private flushIsWhole = false;
  private complete = false;
  private wholeDue = false;
  private flushedAtMs = Number.NEGATIVE_INFINITY;

  set(device: Device): void {
    this.devices.set(device.name, device);
    this.dirty.add(device.name);
  }

  remove(name: string): void {
    if (!this.devices.delete(name)) return;
    this.dirty.delete(name);
    this.wholeDue = this.complete;
  }

  listingComplete(): void {
    this.complete = true;
    this.wholeDue = true;
  }

  /** A new stream: the hub may have missed anything. */
  restart(): void {
    this.flushing = [];
    this.flushedAtMs = Number.NEGATIVE_INFINITY;
    this.wholeDue = this.complete;
    for (const name of this.devices.keys()) this.dirty.add(name);
  }

  /** The next message to send; undefined when nothing is due. Flushes begin at most once a second. */
  next(monotonicMs: number): Inventory | undefined {
    if (this.flushing.length === 0 && !this.begin(monotonicMs)) return undefined;
    const devices: Device[] = [];
    let interfaces = 0;
    let taken = 0;
    for (const name of this.flushing) {
      const device = this.devices.get(name);
      if (taken >= DEVICES_A_MESSAGE_MAX || (devices.length > 0 && interfaces >= INTERFACES_A_MESSAGE_MAX)) break;
      taken += 1;
      if (!device) continue;
      devices.push(device);
      interfaces += device.interfaces.length;
    }
    this.flushing.splice(0, taken);
    const whole = this.flushIsWhole && this.flushing.length === 0;
    return create(InventorySchema, { devices, whole });
  }

  private begin(monotonicMs: number): boolean {
    if (this.dirty.size === 0 && !this.wholeDue) return false;
    if (monotonicMs - this.flushedAtMs < FLUSH_INTERVAL_MS) return false;
    this.flushing = this.wholeDue ? [...this.devices.keys()] : [...this.dirty];
    this.flushIsWhole = this.wholeDue;
    this.wholeDue = false;
    this.dirty.clear();
    this.flushedAtMs = monotonicMs;
    return true;
  }
}
