import { parse } from "yaml";
import { z } from "zod";
import { EMBEDDED_PROFILES } from "./embedded.ts";
import { type Profile, profileSchema } from "./schema.ts";

const PROFILES_MAX = 5_000;
const ANCESTORS_MAX = 8;
/** What a device is read by when no other profile knows it. */
const FALLBACK = "generic";

export interface ProfileLibrary {
  /** The profile whose sysObjectID prefix is the longest match, else the one whose words stand in sysDescr, else generic. */
  match(objectId: string, description: string): Profile;
  get(name: string): Profile | undefined;
  readonly names: readonly string[];
}

/** Reads profiles, ours when none are given. Throws on a bad one: name, place and what is wrong. */
export function loadProfiles(texts: Readonly<Record<string, string>> = EMBEDDED_PROFILES): ProfileLibrary {
  const files = Object.entries(texts);
  if (files.length > PROFILES_MAX) throw new Error(`${files.length} profiles were given; the most is ${PROFILES_MAX}`);
  const written = new Map<string, Profile>();
  for (const [file, text] of files) {
    const profile = parseProfile(file, text);
    if (written.has(profile.name))
      throw new Error(`profile file ${file}: the name "${profile.name}" is taken by another file`);
    written.set(profile.name, profile);
  }
  const profiles = new Map([...written].map(([name]) => [name, resolve(name, written)]));
  return {
    names: [...profiles.keys()],
    get: (name) => profiles.get(name),
    match: (objectId, description) => {
      const found = byObjectId(profiles, objectId) ?? byDescription(profiles, description) ?? profiles.get(FALLBACK);
      if (!found)
        throw new Error(`no profile is named "${FALLBACK}": the library needs one for devices it does not know`);
      return found;
    },
  };
}

function parseProfile(file: string, text: string): Profile {
  const result = profileSchema.safeParse(parse(text, { merge: true, maxAliasCount: 100 }));
  if (!result.success) throw new Error(`profile file ${file}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** A profile with everything that its ancestors say: its own sources first, its own parts instead of theirs. */
function resolve(name: string, written: ReadonlyMap<string, Profile>, depth = 0): Profile {
  const profile = written.get(name);
  if (!profile) throw new Error(`no profile is named "${name}", but one extends it`);
  if (profile.extends === undefined) return profile;
  if (depth >= ANCESTORS_MAX)
    throw new Error(`profile "${name}" has more than ${ANCESTORS_MAX} ancestors, or extends itself in a circle`);
  const parent = resolve(profile.extends, written, depth + 1);
  const { identity } = profile;
  const source = (part: keyof Profile["identity"]) => [...(identity[part] ?? []), ...(parent.identity[part] ?? [])];
  return {
    ...parent,
    ...profile,
    identity: {
      vendor: source("vendor"),
      model: source("model"),
      version: source("version"),
      serial: source("serial"),
    },
    processors: [...profile.processors, ...parent.processors],
    memory: [...profile.memory, ...parent.memory],
    sensors: [...profile.sensors, ...parent.sensors],
    metrics: [...profile.metrics, ...parent.metrics],
  };
}

function byObjectId(profiles: ReadonlyMap<string, Profile>, objectId: string): Profile | undefined {
  let best: Profile | undefined;
  let bestLength = 0;
  for (const profile of profiles.values())
    for (const prefix of profile.match.objectIds)
      if (prefix.length > bestLength && (objectId === prefix || objectId.startsWith(`${prefix}.`))) {
        best = profile;
        bestLength = prefix.length;
      }
  return best;
}

function byDescription(profiles: ReadonlyMap<string, Profile>, description: string): Profile | undefined {
  const text = description.toLowerCase();
  for (const profile of profiles.values())
    if (profile.match.descriptions.some((words) => text.includes(words.toLowerCase()))) return profile;
  return undefined;
}
