import { EventKind } from "@watchpost/proto";
import type { Clock } from "../clock.ts";
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
  clock: Pick<Clock, "nowMs">;
  /** Asks the poller for a reading of these devices at once. */
  pollNow: (devices: string[]) => void;
  /** Where events go, in the order of calls; resolves when the event is durable. */
  emit: (draft: EventDraft) => Promise<void>;
}

/** For readings that change nothing: nearly all of them. */
const TOLD = Promise.resolve();
const NO_POLL: SitePart["poll"] = { intervalMs: 60_000, timeoutMs: 2_000, retries: 2, inFlightMax: 1 };

/**
 * Judges each reading at once and whole, so that events leave in the order of their causes. What it promises to have
 * told becomes durable behind it: memory is written once the outbox has the event, and taken back when it has not.
 */
export class RuleEngine {
  readonly #options: RuleEngineOptions;
  readonly #memories: Map<string, DeviceMemory>;
  readonly #confirmation: Confirmation;
  #site: SitePart = { poll: NO_POLL, devices: [], rules: [] };
  #devices = new Map<string, DeviceConfig>();

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
  async configure(site: SitePart): Promise<void> {
    this.#site = site;
    this.#devices = new Map(site.devices.map((d) => [d.name, d]));
    this.#options.topology.setDevices(site.devices);
    const gone = [...this.#memories].filter(([device]) => !this.#devices.has(device));
    await Promise.all(gone.map(([device, memory]) => this.#forget(device, memory)));
  }

  /** Resolves when the events of this reading, and those it lets go, are durable. */
  async take(reading: Reading, numbers: Numbers): Promise<void> {
    const device = this.#devices.get(reading.device);
    if (!device) return;
    const told = this.#judge(reading, numbers, device);
    const released = this.#release();
    if (told !== TOLD || released.length > 0) await Promise.all([told, ...released]);
  }

  /** Lets go what was held too long; call about once a second. */
  async tick(): Promise<void> {
    await Promise.all(this.#release());
  }

  #release(): Promise<void>[] {
    const told: Promise<void>[] = [];
    for (let i = 0; i <= this.#memories.size; i += 1) {
      const nowMs = this.#options.clock.nowMs();
      const held = this.#confirmation.next(nowMs);
      if (!held) break;
      told.push(this.#tell(held.device, [{ kind: "stands", condition: held.condition }], nowMs));
    }
    return told;
  }

  /** The device is known to pass nothing on. */
  isDeviceDown(device: string): boolean {
    const firing = this.#firing(EventKind.DEVICE_DOWN, device);
    return firing !== undefined && cutsOffOthers(firing.attributes);
  }

  isInterfaceDown(device: string, port: string): boolean {
    return this.#firing(EventKind.INTERFACE_DOWN, device, port) !== undefined;
  }

  isInterfaceFlapping(device: string, port: string): boolean {
    return this.#firing(EventKind.INTERFACE_FLAPPING, device, port) !== undefined;
  }

  /** An open event says that this device cannot be read, whatever the reason. */
  isUnreadable(device: string): boolean {
    return this.#firing(EventKind.DEVICE_DOWN, device) !== undefined;
  }

  firing(): Firing[] {
    return [...this.#memories.values()].flatMap((memory) => [...memory.firing.values()]);
  }

  #judge(reading: Reading, numbers: Numbers, device: DeviceConfig): Promise<void> {
    const memory = this.#memoryOf(device.name);
    const scene = this.#sceneOf(device, memory);
    const availability = judgeAvailability(reading, scene);
    if (reading.kind === "unanswered") {
      // What is told already is told again only when it got worse: refused first, silent now.
      if (this.isUnreadable(device.name)) return this.#tell(device.name, availability, reading.takenAtMs);
      this.#suspect(device.name, memory, availability);
      return TOLD;
    }
    this.#confirmation.drop(device.name);
    this.#options.topology.learn(reading);
    const findings = [...availability, ...judge(reading, numbers, scene)];
    this.#lookBehind(findings, memory);
    const ends = endUnjudged(memory, findings, { device: device.name, atMs: reading.takenAtMs });
    return this.#tell(device.name, [...findings, ...ends], reading.takenAtMs);
  }

  /** A link that went down is looked at from its other end too, now and not with that device's next turn. */
  #lookBehind(findings: readonly Finding[], memory: DeviceMemory): void {
    const remotes = findings.flatMap((finding) => {
      if (finding.kind !== "stands" || finding.condition.kind !== EventKind.INTERFACE_DOWN) return [];
      const { object, attributes } = finding.condition;
      const isNew = ![...memory.firing.values()].some(
        (f) => f.kind === EventKind.INTERFACE_DOWN && f.object === object,
      );
      const remote = attributes["remote_device"];
      return isNew && remote !== undefined ? [remote] : [];
    });
    if (remotes.length > 0) this.#options.pollNow([...new Set(remotes)]);
  }

  #suspect(device: string, memory: DeviceMemory, availability: readonly Finding[]): void {
    const { poll } = this.#site;
    const nowMs = this.#options.clock.nowMs();
    if (memory.unanswered.count === 1) {
      const asked = this.#confirmation.suspects(device, nowMs, poll);
      if (asked.length > 0) this.#options.pollNow(asked);
    }
    for (const finding of availability) {
      if (finding.kind !== "stands") continue;
      this.#confirmation.hold(device, finding.condition, { sinceMs: memory.unanswered.sinceMs, nowMs, poll });
    }
  }

  #tell(device: string, findings: readonly Finding[], atMs: number): Promise<void> {
    const memory = this.#memoryOf(device);
    if (findings.length === 0 && !memory.dirty) return TOLD;
    const transitions = findings.map((finding) => transitionOf(finding, device, { memory, atMs }));
    return this.#emit(
      device,
      memory,
      transitions.filter((t) => t !== undefined),
    );
  }

  async #emit(device: string, memory: DeviceMemory, transitions: readonly Transition[]): Promise<void> {
    memory.unsettled += 1;
    const told = transitions.map((transition) => {
      const durable = this.#options.emit(transition.draft);
      const undo = transition.apply(memory);
      return durable.catch((error: unknown) => {
        undo();
        throw error;
      });
    });
    const outcomes = await Promise.allSettled(told);
    memory.unsettled -= 1;
    if (memory.dirty && memory.unsettled === 0) {
      memory.dirty = false;
      this.#options.store.put(device, memory);
    }
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw new Error(`events of ${device} could not be kept, and are made again`, { cause: failed.reason });
  }

  async #forget(device: string, memory: DeviceMemory): Promise<void> {
    const end = { summary: `${device} is no longer configured at this collector`, atMs: this.#options.clock.nowMs() };
    this.#confirmation.drop(device);
    this.#memories.delete(device);
    await this.#emit(
      device,
      memory,
      [...memory.firing.values()].map((firing) => cleared(firing, device, end)),
    );
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
}
