import { parse } from "yaml";
import { z } from "zod";
import { inherit } from "./inherit.ts";
import { type Profile, profileSchema } from "./schema.ts";
import { writtenLibrary } from "./written.ts";

const PROFILES_MAX = 5_000;
/** What a device is read by when no other profile knows it. */
const FALLBACK = "generic";

export interface ProfileLibrary {
  /**
   * The profile whose sysObjectID prefix is the longest match. Where that tells only the agent's software, or nothing:
   * the one of whose `answers` the device has one, then the one whose words stand in sysDescr, then generic.
   */
  match(objectId: string, description: string, answered?: ReadonlySet<string>): Profile;
  /** Whether sysObjectID leaves open what the device is: then asking for `questions` helps. */
  isOpen(objectId: string): boolean;
  /** The scalars by which profiles know their devices. */
  readonly questions: readonly string[];
  get(name: string): Profile | undefined;
  readonly names: readonly string[];
}

/** Reads profiles given as YAML, ours when none are given. Throws on a bad one: name, place and what is wrong. */
export function loadProfiles(texts?: Readonly<Record<string, string>>): ProfileLibrary {
  if (!texts) return new Library(writtenLibrary());
  const files = Object.entries(texts);
  if (files.length > PROFILES_MAX) throw new Error(`${files.length} profiles were given; the most is ${PROFILES_MAX}`);
  const library = new Library(files.map(([file, text]) => parseProfile(file, text)));
  for (const name of library.names) library.get(name);
  return library;
}

/** What is wrong with one of the profiles given, by its place among them. */
export interface ProfileFault {
  at: number;
  message: string;
}

/** The built-in profiles with others over them: of one name or one sysObjectID, theirs counts. */
export function profilesOver(own: readonly Profile[]): { library: ProfileLibrary; faults: ProfileFault[] } {
  const faults: ProfileFault[] = [];
  const names = new Map<string, number>();
  for (const [at, { name }] of own.entries()) {
    if (names.has(name)) faults.push({ at, message: `another file says the name "${name}" too` });
    else names.set(name, at);
  }
  if (faults.length > 0) return { library: new Library(writtenLibrary()), faults };
  const built = writtenLibrary().filter(({ name }) => !names.has(name));
  const library = new Library(built, own, (at, message) => faults.push({ at, message }));
  for (const [name, at] of names) {
    try {
      library.get(name);
    } catch (error) {
      faults.push({ at, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { library, faults };
}

/** One profile file, checked. */
export function parseProfile(file: string, text: string): Profile {
  const result = profileSchema.safeParse(parse(text, { merge: true, maxAliasCount: 100 }));
  if (!result.success) throw new Error(`profile file ${file}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** Profiles are put together when a device first needs them: a collector sees a few of hundreds. */
class Library implements ProfileLibrary {
  readonly #written = new Map<string, Profile>();
  readonly #resolved = new Map<string, Profile>();
  readonly #byObjectId = new Map<string, string>();
  readonly #byAnswer = new Map<string, string>();
  readonly #byWords: { words: string; name: string; isAgent: boolean; rank: number }[] = [];

  /** `own` are laid over `profiles`; what is wrong among them is told, not thrown. */
  constructor(
    profiles: readonly Profile[],
    own: readonly Profile[] = [],
    onFault?: (at: number, fault: string) => void,
  ) {
    for (const [at, profile] of own.entries()) this.#add(profile, 0, (fault) => onFault?.(at, fault));
    const owned = new Set(this.#byObjectId.keys());
    for (const profile of profiles) this.#add(withoutPrefixes(profile, owned), 1, fail);
    // A site's own words go first. The longer words are, the more they say; those of an operating system say least.
    this.#byWords.sort(
      (a, b) => Number(a.isAgent) - Number(b.isAgent) || a.rank - b.rank || b.words.length - a.words.length,
    );
  }

  #add(profile: Profile, rank: number, onFault: (fault: string) => void): void {
    const { name, match, models, isAgent } = profile;
    if (this.#written.has(name)) onFault(`two profile files say the name "${name}"`);
    this.#written.set(name, profile);
    for (const prefix of new Set([...match.objectIds, ...Object.keys(models)])) {
      const other = this.#byObjectId.get(prefix);
      if (other !== undefined) onFault(`profiles "${other}" and "${name}" both match sysObjectID ${prefix}`);
      this.#byObjectId.set(prefix, name);
    }
    for (const oid of match.answers) if (!this.#byAnswer.has(oid)) this.#byAnswer.set(oid, name);
    for (const words of match.descriptions) this.#byWords.push({ words: words.toLowerCase(), name, isAgent, rank });
  }

  get names(): string[] {
    return [...this.#written.keys()];
  }

  get questions(): string[] {
    return [...this.#byAnswer.keys()];
  }

  get(name: string): Profile | undefined {
    if (!this.#written.has(name)) return undefined;
    let profile = this.#resolved.get(name);
    if (!profile) {
      profile = inherit(name, this.#written);
      this.#resolved.set(name, profile);
    }
    return profile;
  }

  isOpen(objectId: string): boolean {
    const name = longestPrefix((prefix) => this.#byObjectId.get(prefix), objectId);
    return name === undefined || this.#written.get(name)?.isAgent === true;
  }

  match(objectId: string, description: string, answered: ReadonlySet<string> = new Set()): Profile {
    const byObjectId = longestPrefix((prefix) => this.#byObjectId.get(prefix), objectId);
    const name = this.isOpen(objectId) ? (this.#byHints(description, answered) ?? byObjectId) : byObjectId;
    const found = this.get(name ?? FALLBACK);
    if (!found)
      throw new Error(`no profile is named "${FALLBACK}": the library needs one for devices it does not know`);
    return found;
  }

  #byHints(description: string, answered: ReadonlySet<string>): string | undefined {
    for (const [oid, name] of this.#byAnswer) if (answered.has(oid)) return name;
    const text = description.toLowerCase();
    return this.#byWords.find(({ words }) => stands(words, text))?.name;
  }
}

/** A built-in profile without the sysObjectIDs that a site's own profile has taken over. */
function withoutPrefixes(profile: Profile, owned: ReadonlySet<string>): Profile {
  if (owned.size === 0) return profile;
  const { match, models } = profile;
  const objectIds = match.objectIds.filter((prefix) => !owned.has(prefix));
  const rest = Object.fromEntries(Object.entries(models).filter(([prefix]) => !owned.has(prefix)));
  return { ...profile, match: { ...match, objectIds }, models: rest };
}

function fail(fault: string): never {
  throw new Error(fault);
}

const PART_OF_WORD = /[a-z0-9]/;

/** Whether words stand in a text as words: "nec" does not stand in "connect". */
function stands(words: string, text: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const end = at + words.length;
    const isCutAtStart = PART_OF_WORD.test(words[0] ?? "") && PART_OF_WORD.test(text[at - 1] ?? "");
    const isCutAtEnd = PART_OF_WORD.test(words.at(-1) ?? "") && PART_OF_WORD.test(text[end] ?? "");
    if (!isCutAtStart && !isCutAtEnd) return true;
  }
  return false;
}

/** What a table has for an object identifier, or for the longest beginning of it. */
export function longestPrefix(look: (prefix: string) => string | undefined, objectId: string): string | undefined {
  for (let end = objectId.length; end > 0; end = objectId.lastIndexOf(".", end - 1)) {
    const found = look(objectId.slice(0, end));
    if (found !== undefined) return found;
  }
  return undefined;
}
