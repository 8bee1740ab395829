import type { Identity, Profile } from "./schema.ts";

const ANCESTORS_MAX = 8;
const IDENTITY_PARTS = ["vendor", "model", "os", "version", "serial"] as const satisfies (keyof Identity)[];

/** A profile with everything that its ancestors say: its own sources first, its own parts instead of theirs. */
export function inherit(name: string, written: ReadonlyMap<string, Profile>, depth = 0): Profile {
  const profile = written.get(name);
  if (!profile) throw new Error(`no profile is named "${name}", but one extends it`);
  if (depth > ANCESTORS_MAX)
    throw new Error(`profile "${name}" has more than ${ANCESTORS_MAX} ancestors, or extends itself in a circle`);
  return profile.extends.map((parent) => inherit(parent, written, depth + 1)).reduce(joined, profile);
}

function joined(child: Profile, parent: Profile): Profile {
  const { match, isAgent, name, models } = child;
  return {
    ...parent,
    ...withoutUndefined(child),
    match,
    isAgent,
    name,
    models: { ...parent.models, ...models },
    identity: joinedIdentity(child.identity, parent.identity),
    neighbours: together(child.neighbours, parent.neighbours),
    entitySensors: together(child.entitySensors, parent.entitySensors),
    processors: together(child.processors, parent.processors),
    pools: together(child.pools, parent.pools),
    sensors: together(child.sensors, parent.sensors),
    metrics: together(child.metrics, parent.metrics),
  };
}

function joinedIdentity(child: Identity, parent: Identity): Identity {
  const parts = IDENTITY_PARTS.map((part) => [part, together(child[part] ?? [], parent[part] ?? [])]);
  return Object.fromEntries(parts) as Identity;
}

/** One after the other; what two parents have from one grandparent comes once. */
function together<T>(first: readonly T[], second: readonly T[]): T[] {
  return [...new Map([...first, ...second].map((item) => [JSON.stringify(item), item])).values()];
}

function withoutUndefined(profile: Profile): Partial<Profile> {
  return Object.fromEntries(Object.entries(profile).filter(([, part]) => part !== undefined));
}
