import type { Site } from "../device/index.ts";
import { randomFor } from "../topology/index.ts";
import type { Uplink } from "../uplink/index.ts";
import type { Effect, FaultName, FaultTools } from "./kind.ts";
import { chooseTarget, type FaultRequest, FaultRequestError, requireFaultName, type Target } from "./target.ts";

export interface ActiveFault {
  id: string;
  name: FaultName;
  device?: string;
  interface?: string;
  /** What is wrong, for a person. */
  detail: string;
  /** Unix milliseconds. */
  startedAtMs: number;
}

interface Running {
  fault: ActiveFault;
  effect: Effect;
  timers: Set<Timer>;
}

const ACTIVE_MAX = 200;

/** The faults that are on: starts them, ends them, and stops their timers. */
export class FaultBoard {
  readonly #site: Site;
  readonly #uplink: Uplink;
  readonly #changed: () => void;
  readonly #running = new Map<string, Running>();
  #count = 0;

  constructor(site: Site, uplink: Uplink, changed: () => void) {
    this.#site = site;
    this.#uplink = uplink;
    this.#changed = changed;
  }

  active(): ActiveFault[] {
    return [...this.#running.values()].map(({ fault }) => fault);
  }

  /** Throws FaultRequestError for a name, device or interface that is not there. */
  inject(name: string, request: FaultRequest = {}): ActiveFault {
    const known = requireFaultName(name);
    const target = chooseTarget(this.#site, known, request);
    if (this.#running.size >= ACTIVE_MAX)
      throw new FaultRequestError("not-applicable", `${ACTIVE_MAX} faults are on already; clear some first`);
    const place = placeOf(target);
    const twin = this.active().find((other) => other.name === known && samePlace(other, place));
    if (twin) throw new FaultRequestError("already-active", `${twin.id} is on there already: ${twin.detail}`);
    this.#count += 1;
    const id = `${known}-${this.#count}`;
    const timers = new Set<Timer>();
    const effect = start(target, this.#tools(id, timers, request.seed));
    const fault: ActiveFault = {
      id,
      name: known,
      ...place,
      detail: effect.detail,
      startedAtMs: Math.floor(this.#site.options.clock()),
    };
    this.#running.set(id, { fault, effect, timers });
    this.#changed();
    return fault;
  }

  /** Ends one fault by id, all of a name, or all; says which. */
  clear(which?: string): ActiveFault[] {
    const ending = [...this.#running.values()].filter(
      ({ fault }) => which === undefined || fault.id === which || fault.name === which,
    );
    if (which !== undefined && ending.length === 0) {
      const active = [...this.#running.keys()].join(", ") || "none";
      throw new FaultRequestError("not-active", `no fault "${which.slice(0, 60)}" is on; on: ${active}`);
    }
    for (const running of ending) this.#end(running);
    return ending.map(({ fault }) => fault);
  }

  /** Stops all timers without putting anything right. */
  stop(): void {
    for (const { timers } of this.#running.values()) for (const timer of timers) clearTimeout(timer);
  }

  #end(running: Running): void {
    for (const timer of running.timers) clearTimeout(timer);
    this.#running.delete(running.fault.id);
    running.effect.undo();
    this.#changed();
  }

  #tools(id: string, timers: Set<Timer>, seed: number | undefined): FaultTools {
    const { clock, seed: siteSeed } = this.#site.options;
    return {
      id,
      site: this.#site,
      uplink: this.#uplink,
      random: randomFor(seed ?? siteSeed, id),
      nowMs: clock,
      after: (ms, action) => {
        const timer = setTimeout(() => {
          timers.delete(timer);
          action();
        }, ms);
        timers.add(timer);
      },
      end: () => {
        const running = this.#running.get(id);
        if (running) this.#end(running);
      },
    };
  }
}

function start(target: Target, tools: FaultTools): Effect {
  switch (target.on) {
    case "site":
      return target.kind.start(tools);
    case "device":
      return target.kind.start(tools, target.device);
    case "interface":
      return target.kind.start(tools, target.port);
  }
}

function placeOf(target: Target): Pick<ActiveFault, "device" | "interface"> {
  switch (target.on) {
    case "site":
      return {};
    case "device":
      return { device: target.device.name };
    case "interface":
      return { device: target.port.device, interface: target.port.name };
  }
}

function samePlace(
  a: Pick<ActiveFault, "device" | "interface">,
  b: Pick<ActiveFault, "device" | "interface">,
): boolean {
  return a.device === b.device && a.interface === b.interface;
}
