import { EventKind } from "@watchpost/proto";
import type { DeviceConfig, SitePart } from "../config/index.ts";
import type { EventDraft } from "../outbox/event-draft.ts";
import type { Reading } from "../poll/reading.ts";
import type { Topology } from "../topology/index.ts";
import { cutsOffOthers, judgeAvailability } from "./availability.ts";
import { Confirmation } from "./confirmation.ts";
import type { Finding, Numbers, Scene } from "./finding.ts";
import { judge } from "./judge.ts";
import { fingerprintOf } from "./kind.ts";
import { type DeviceMemory, type Firing, newMemory } from "./memory.ts";
import type { MemoryStore } from "./store.ts";
import { cleared, type Transition, transitionOf } from "./transition.ts";
import { endUnjudged } from "./unjudged.ts";

export interface RuleEngineOptions {
  store: MemoryStore;
  topology: Topology;
  clock: { now(): number };
  /** Asks the poller for a reading of these devices at once. */
  pollNow(devices: string[]): void;
  /** Where events go; resolves when the event is durable. */
  emit(draft: EventDraft): Promise<void>;
}

const NO_POLL: SitePart["poll"] = { intervalMs: 60_000, timeoutMs: 2_000, retries: 2, inFlightMax: 1 };

/** Judges readings one after the other: the order of events is theirs, and a cause is durable before its effects. */
export class RuleEngine {
  readonly #options: RuleEngineOptions;
  readonly #memories: Map<string, DeviceMemory>;
  readonly #confirmation: Confirmation;
  #site: SitePart = { poll: NO_POLL, devices: [], rules: [] };
  #devices = new Map<string, DeviceConfig>();
  #tail: Promise<void> = Promise.resolve();

  constructor(options: RuleEngineOptions) {
    this.#options = options;
    this.#memories = options.store.all();
    this.#confirmation = new Confirmation({
      upstreamOf: (device) => options.topology.upstreamOf(device),
      memoryOf: (device) => this.#memories.get(device),
      isDown: (device) => this.#firing(EventKind.DEVICE_DOWN, device) !== undefined,
    });
  }

  /** Devices, rules and polling in force from now on. Events of devices that left are closed. */
  configure(site: SitePart): Promise<void> {
    return this.#inTurn(async () => {
      this.#site = site;
      this.#devices = new Map(site.devices.map((d) => [d.name, d]));
      this.#options.topology.setDevices(site.devices);
      for (const [device, memory] of this.#memories) {
        if (!this.#devices.has(device)) await this.#forget(device, memory);
      }
    });
  }

  /** Resolves when the events of this reading, and those it lets go, are durable. */
  take(reading: Reading, numbers: Numbers): Promise<void> {
    return this.#inTurn(() => this.#take(reading, numbers));
  }

  /** Lets go what was held too long; call about once a second. */
  tick(): Promise<void> {
    return this.#inTurn(() => this.#releaseHeld());
  }

  /** The device is known to pass nothing on. */
  isDeviceDown(device: string): boolean {
    const firing = this.#firing(EventKind.DEVICE_DOWN, device);
    return firing !== undefined && cutsOffOthers(firing.attributes);
  }

  isInterfaceDown(device: string, port: string): boolean {
    return this.#firing(EventKind.INTERFACE_DOWN, device, port) !== undefined;
  }

  /** An open event says that this device cannot be read, whatever the reason. */
  isUnreadable(device: string): boolean {
    return this.#firing(EventKind.DEVICE_DOWN, device) !== undefined;
  }

  firing(): Firing[] {
    return [...this.#memories.values()].flatMap((memory) => [...memory.firing.values()]);
  }

  async #take(reading: Reading, numbers: Numbers): Promise<void> {
    const device = this.#devices.get(reading.device);
    if (!device) return;
    const memory = this.#memoryOf(device.name);
    const scene = this.#sceneOf(device, memory);
    const availability = judgeAvailability(reading, scene);
    if (reading.kind === "answered") {
      this.#confirmation.drop(device.name);
      this.#options.topology.learn(reading);
      const findings = [...availability, ...judge(reading, numbers, scene)];
      const ends = endUnjudged(memory, findings, { device: device.name, atMs: reading.takenAtMs });
      await this.#tell(device.name, [...findings, ...ends], reading.takenAtMs);
    } else if (!this.isUnreadable(device.name)) {
      this.#suspect(device.name, memory, availability);
    }
    await this.#releaseHeld();
  }

  #suspect(device: string, memory: DeviceMemory, availability: readonly Finding[]): void {
    const { poll } = this.#site;
    const nowMs = this.#options.clock.now();
    if (memory.unanswered.count === 1) {
      const asked = this.#confirmation.suspects(device, nowMs, poll);
      if (asked.length > 0) this.#options.pollNow(asked);
    }
    for (const finding of availability) {
      if (finding.kind !== "stands") continue;
      this.#confirmation.hold(device, finding.condition, { sinceMs: memory.unanswered.sinceMs, nowMs, poll });
    }
  }

  async #releaseHeld(): Promise<void> {
    for (let i = 0; i <= this.#memories.size; i += 1) {
      const nowMs = this.#options.clock.now();
      const held = this.#confirmation.next(nowMs);
      if (!held) return;
      await this.#tell(held.device, [{ kind: "stands", condition: held.condition }], nowMs);
    }
  }

  async #tell(device: string, findings: readonly Finding[], atMs: number): Promise<void> {
    const memory = this.#memoryOf(device);
    const transitions = findings.map((finding) => transitionOf(finding, device, { memory, atMs }));
    await this.#emit(
      device,
      memory,
      transitions.filter((t) => t !== undefined),
    );
  }

  async #emit(device: string, memory: DeviceMemory, transitions: readonly Transition[]): Promise<void> {
    try {
      for (const transition of transitions) {
        await this.#options.emit(transition.draft);
        transition.apply(memory);
      }
    } finally {
      if (memory.dirty) this.#options.store.put(device, memory);
      memory.dirty = false;
    }
  }

  async #forget(device: string, memory: DeviceMemory): Promise<void> {
    const end = { summary: `${device} is no longer configured at this collector`, atMs: this.#options.clock.now() };
    await this.#emit(
      device,
      memory,
      [...memory.firing.values()].map((firing) => cleared(firing, device, end)),
    );
    this.#confirmation.drop(device);
    this.#memories.delete(device);
    this.#options.store.remove(device);
  }

  #sceneOf(device: DeviceConfig, memory: DeviceMemory): Scene {
    const { poll, rules } = this.#site;
    return {
      device,
      poll,
      rules,
      memory,
      isFiring: (fingerprint) => memory.firing.has(fingerprint),
      neighbourAt: (port) => {
        const remote = this.#options.topology.remoteOf(device.name, port);
        return remote && { ...remote, role: this.#devices.get(remote.device)?.role ?? "" };
      },
    };
  }

  #firing(kind: EventKind, device: string, object = ""): Firing | undefined {
    return this.#memories.get(device)?.firing.get(fingerprintOf({ kind, device, object }));
  }

  #memoryOf(device: string): DeviceMemory {
    const memory = this.#memories.get(device) ?? newMemory();
    this.#memories.set(device, memory);
    return memory;
  }

  /** A failed turn is its caller's to report; the next one goes on. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
