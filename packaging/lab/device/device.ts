import { type PlannedDevice, randomFor } from "../topology/index.ts";
import { Health } from "./health.ts";
import { MODELS, type Model } from "./model.ts";
import { Port } from "./port.ts";

/** What a restart changes and a restart of the lab must remember. */
export interface BootRecord {
  bootedAtMs: number;
  engineBoots: number;
}

/** One simulated device: what it is, and the state that faults and the topology put it in. */
export class Device {
  readonly name: string;
  readonly plan: PlannedDevice;
  readonly model: Model;
  readonly address: string;
  readonly number: number;
  readonly ports: Port[];
  readonly health: Health;
  readonly serial: string;
  readonly engineId: Uint8Array;
  boot: BootRecord;
  configChangedMs: number;
  configSavedMs: number;
  /** By which protocols it tells its neighbours of itself; a test may silence it, then raise `revision` of all. */
  readonly speaks: Set<"lldp" | "cdp">;
  /** Faults that hold the device off. */
  readonly outages = new Set<string>();
  /** Faults that slow its agent, with the delay of each. */
  readonly delaysMs = new Map<string, number>();
  /** Raised whenever rows of its tables appear, vanish or move. */
  revision = 0;

  constructor(plan: PlannedDevice, options: { number: number; address: string; seed: number; boot: BootRecord }) {
    const { number, address, seed, boot } = options;
    const random = randomFor(seed, "device", plan.name);
    this.name = plan.name;
    this.plan = plan;
    this.model = MODELS[plan.model];
    this.address = address;
    this.number = number;
    this.boot = boot;
    this.configChangedMs = boot.bootedAtMs + 60_000;
    this.configSavedMs = boot.bootedAtMs + 90_000;
    this.speaks = new Set(this.model.vendor === "cisco" ? ["lldp", "cdp"] : ["lldp"]);
    this.health = new Health(this.model, random);
    this.serial = serialOf(random);
    this.ports = portsOf(plan.name, this.model, number, boot.bootedAtMs);
    this.engineId = engineIdOf(this.model.enterprise, macOf(this.model, number, 0));
  }

  get on(): boolean {
    return this.outages.size === 0;
  }

  get chassisMac(): Uint8Array {
    return macOf(this.model, this.number, 0);
  }

  port(name: string): Port | undefined {
    return this.ports.find((port) => port.name === name);
  }

  /** Hundredths of a second since the last start. */
  uptimeTicks(nowMs: number): number {
    return ticksBetween(this.boot.bootedAtMs, nowMs);
  }

  /** sysUpTime at an earlier moment; 0 for one before the last start. */
  ticksAt(atMs: number): number {
    return ticksBetween(this.boot.bootedAtMs, atMs);
  }

  /** Starts anew: uptime and counters from zero, one more boot of the engine. */
  restart(nowMs: number): void {
    this.boot = { bootedAtMs: nowMs, engineBoots: this.boot.engineBoots + 1 };
    for (const port of this.ports) port.zero(nowMs);
    this.revision += 1;
  }
}

function ticksBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor((toMs - fromMs) / 10));
}

function serialOf(random: () => number): string {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
  return `FD0${Array.from({ length: 8 }, () => letters[Math.floor(random() * letters.length)] ?? "X").join("")}`;
}

function portsOf(device: string, model: Model, number: number, sinceMs: number): Port[] {
  let macNumber = 0;
  return model.ports.flatMap((group) =>
    group.numbers.map((portNumber, offset) => {
      macNumber += 1;
      return new Port({
        device,
        name: `${group.prefix}${portNumber}`,
        description: `${group.longPrefix}${portNumber}`,
        speedBps: group.speedBps,
        mac: macOf(model, number, macNumber),
        index: group.firstIndex + offset,
        sinceMs,
      });
    }),
  );
}

function macOf(model: Model, device: number, port: number): Uint8Array {
  return Uint8Array.of(...model.oui, device >>> 8, device & 0xff, port);
}

/** SnmpEngineID of RFC 3411 in its MAC address form. */
function engineIdOf(enterprise: number, mac: Uint8Array): Uint8Array {
  const id = Buffer.alloc(5);
  id.writeUInt32BE((0x8000_0000 | enterprise) >>> 0);
  id[4] = 3;
  return Buffer.concat([id, mac]);
}
