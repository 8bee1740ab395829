import {
  between,
  COLLECTOR_PLACE,
  PLANNED_DEVICES,
  PLANNED_LINKS,
  randomFor,
  reachableFrom,
} from "../topology/index.ts";
import { Flow } from "../traffic/index.ts";
import { type BootRecord, Device } from "./device.ts";
import type { Port } from "./port.ts";

/** Something the site's devices would tell the world about, by trap or syslog. */
export type SiteEvent =
  | { kind: "link"; device: Device; port: Port; up: boolean }
  | { kind: "cold-start"; device: Device }
  | { kind: "config-changed"; device: Device }
  | { kind: "fan"; device: Device; failed: boolean }
  | { kind: "power-supply"; device: Device; failed: boolean };

export interface SiteOptions {
  seed: number;
  /** When the site's traffic began to be counted. */
  epochMs: number;
  clock: () => number;
  boots: Readonly<Record<string, BootRecord>>;
}

/** Ports come up this long after a device started. */
const PORTS_UP_AFTER_MS = 40_000;

/** Mean load of a link as a share of its line, by what hangs on it. */
const LOAD: Record<string, readonly [number, number]> = {
  core: [0.12, 0.3],
  distribution: [0.08, 0.25],
  router: [0.15, 0.35],
  firewall: [0.15, 0.35],
  access: [0.02, 0.12],
  "access-point": [0.02, 0.15],
  server: [0.1, 0.3],
  ups: [0.0005, 0.002],
};

/** All devices and cables, who is up, and who can be reached from the collector's place. */
export class Site {
  readonly devices = new Map<string, Device>();
  readonly options: SiteOptions;
  readonly #listeners: ((event: SiteEvent) => void)[] = [];
  #reachable = new Set<string>();

  constructor(options: SiteOptions) {
    this.options = options;
    for (const [at, plan] of PLANNED_DEVICES.entries()) {
      const boot = options.boots[plan.name];
      if (!boot) throw new Error(`no boot record for device ${plan.name}`);
      const device = new Device(plan, { number: at + 1, address: `127.1.0.${at + 1}`, seed: options.seed, boot });
      this.devices.set(device.name, device);
    }
    for (const { a, b } of PLANNED_LINKS) this.#plug(this.#port(a), this.#port(b));
    for (const device of this.devices.values()) this.#plugEndpoints(device);
    for (const device of this.devices.values()) for (const port of device.ports) port.zero(device.boot.bootedAtMs);
    this.#settle(options.clock());
    for (const device of this.devices.values())
      for (const port of device.ports) port.lastChangeMs = device.boot.bootedAtMs + PORTS_UP_AFTER_MS;
  }

  /** Called with each event of a device that the collector could hear of. */
  onEvent(listener: (event: SiteEvent) => void): void {
    this.#listeners.push(listener);
  }

  reachable(device: Device): boolean {
    return device.on && this.#reachable.has(device.name);
  }

  /** Brings ports, traffic and reachability in line with cuts and outages, and tells what changed. */
  refresh(): void {
    for (const event of this.#settle(this.options.clock())) this.tell(event);
  }

  tell(event: SiteEvent): void {
    if (!this.reachable(event.device)) return;
    for (const listener of this.#listeners) listener(event);
  }

  #settle(nowMs: number): SiteEvent[] {
    const changed: SiteEvent[] = [];
    for (const device of this.devices.values()) {
      for (const port of device.ports) {
        const up = this.#carries(port);
        port.carry(up, nowMs);
        if (up === port.operUp) continue;
        port.operUp = up;
        port.lastChangeMs = Math.max(nowMs, device.boot.bootedAtMs);
        device.revision += 1;
        changed.push({ kind: "link", device, port, up });
      }
    }
    this.#reachable = reachableFrom(COLLECTOR_PLACE.device, this.#edges());
    return changed;
  }

  #carries(port: Port): boolean {
    const { peer } = port;
    if (!port.flows || port.cuts.size > 0 || !port.adminUp || !this.#isOn(port)) return false;
    return !peer || (peer.adminUp && this.#isOn(peer));
  }

  #isOn(port: Port): boolean {
    return this.devices.get(port.device)?.on ?? false;
  }

  #edges(): [string, string][] {
    const ports = [...this.devices.values()].flatMap((device) => device.ports);
    return ports.flatMap((port) => (port.operUp && port.peer ? [[port.device, port.peer.device]] : []));
  }

  #port(end: { device: string; port: string }): Port {
    const port = this.devices.get(end.device)?.port(end.port);
    if (!port) throw new Error(`the plan names port ${end.port} of ${end.device}, which its model does not have`);
    return port;
  }

  #plug(a: Port, b: Port): void {
    const lineBps = Math.min(a.speedBps, b.speedBps);
    // The end listed first is the one further from the core, and says what the link carries.
    const role = this.devices.get(a.device)?.plan.role ?? "access";
    const fromA = this.#flow([a.device, a.name, "out"], role, lineBps);
    const fromB = this.#flow([a.device, a.name, "in"], role, lineBps);
    a.flows = { in: fromB, out: fromA };
    b.flows = { in: fromA, out: fromB };
    a.peer = b;
    b.peer = a;
    b.cuts = a.cuts;
    a.alias = `to ${b.device} ${b.name}`;
    b.alias = `to ${a.device} ${a.name}`;
  }

  /** Puts hosts, phones and the world behind some of the ports that no device of the site uses. */
  #plugEndpoints(device: Device): void {
    for (const port of device.ports) {
      if (port.peer) continue;
      const random = randomFor(this.options.seed, "endpoint", device.name, port.name);
      const collector = device.name === COLLECTOR_PLACE.device && port.name === COLLECTOR_PLACE.port;
      const outside = device.plan.role === "router" && port.name === "Gi0/0/0";
      const radio = port.name.startsWith("radio");
      if (!collector && !outside && !radio && !(port.speedBps === 1e9 && random() < occupancy(device))) continue;
      const role = outside ? "router" : "access";
      const flow = (direction: string) => this.#flow([device.name, port.name, direction], role, port.speedBps);
      port.flows = { in: flow("in"), out: flow("out") };
      port.endpointMac = Uint8Array.of(0x02, ...Array.from({ length: 5 }, () => Math.floor(random() * 256)));
      port.alias = collector ? "watchpost collector" : outside ? "internet" : "";
    }
  }

  #flow(names: string[], role: string, lineBps: number): Flow {
    const random = randomFor(this.options.seed, "flow", ...names);
    const [low, high] = LOAD[role] ?? [0.02, 0.1];
    return new Flow(random, { epochMs: this.options.epochMs, lineBps, meanShare: between(random, low, high) });
  }
}

/** Share of gigabit ports with something plugged in. */
function occupancy(device: Device): number {
  return device.plan.role === "access" ? 0.7 : 0.15;
}
