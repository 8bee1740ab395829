import type { Profile } from "../profile/index.ts";
import { type Composed, compose, type ComposeOptions, readMoving, uptimeOf } from "./compose.ts";
import type { Polled } from "./polled.ts";
import { LiveInterfaces } from "./read/live-interfaces.ts";
import { discontinuityOf } from "./reboot.ts";
import type { Sheets } from "./state.ts";

/** What a sheet says, made once and kept up to date: a poll that changed only numbers touches only numbers. */
export class Board {
  readonly composed: Composed;
  /** An interface went up or down with the last update: its speed may be another. */
  moved = false;
  readonly #live: LiveInterfaces | undefined;
  readonly #parts: Profile;
  /** Whether there is anything but interfaces to read with every poll. */
  readonly #hasMore: boolean;

  constructor(sheets: Sheets, options: ComposeOptions) {
    const { profile, polled } = options;
    this.#live = profile.interfaces && new LiveInterfaces(profile.interfaces, polled, sheets);
    this.composed = compose({ ...options, interfaces: this.#live?.readings ?? [] });
    this.#parts = partsOf(sheets, profile, polled);
    const { storages, pools, processors, sensors, entitySensors, metrics } = this.#parts;
    const more = [pools, processors, sensors, entitySensors, metrics];
    this.#hasMore = storages !== undefined || more.some(({ length }) => length > 0);
  }

  /** The same as `compose` would make of it; the object is the last one's. */
  update(options: ComposeOptions): Composed {
    const { polled, state, readAtMs } = options;
    this.moved = this.#live?.update() ?? false;
    const { composed } = this;
    const uptime = uptimeOf(polled, readAtMs);
    composed.system = { ...composed.system, uptimeTicks: uptime.ticks ?? 0 };
    composed.discontinuity = discontinuityOf(state.uptime, uptime);
    composed.renumbered = [];
    if (this.#hasMore) Object.assign(composed, readMoving(this.#parts, polled));
    return composed;
  }
}

const known = new WeakMap<object, { slow: object; profile: Profile; parts: Profile }>();

/** The same for all devices of a kind: what a device has is told by the columns of its sheets. */
function partsOf({ fast, slow }: Sheets, profile: Profile, polled: Polled): Profile {
  const same = known.get(fast.kind);
  if (same?.slow === slow.kind && same.profile === profile) return same.parts;
  const parts = presentParts(profile, polled);
  known.set(fast.kind, { slow: slow.kind, profile, parts });
  return parts;
}

/** The profile without the tables that this device does not have. */
function presentParts({ storages, ...rest }: Profile, polled: Polled): Profile {
  const has = (at: { scalar?: string | undefined; column?: string | undefined } | undefined) =>
    polled.has(at?.column ?? at?.scalar);
  return {
    ...rest,
    ...(polled.has(storages?.size) ? { storages } : {}),
    entitySensors: rest.entitySensors.filter(({ value }) => polled.has(value)),
    processors: rest.processors.filter(has),
    pools: rest.pools.filter(({ size, used }) => polled.has(size) || polled.has(used)),
    sensors: rest.sensors.filter(({ value, state }) => has(value) || has(state)),
    metrics: rest.metrics.filter(has),
  };
}
