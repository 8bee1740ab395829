import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type ConfigProblem, formatProblem, parseText } from "../config/index.ts";
import { loadProfiles, type ProfileLibrary, profilesOver } from "./library.ts";
import { type Profile, profileSchema } from "./schema.ts";

const FILES_MAX = 1_000;
const FILE_BYTES_MAX = 1_048_576;

interface SiteProfiles {
  library: ProfileLibrary;
  /** Of the folder, those in use. */
  names: string[];
  /** FILE:LINE:COLUMN and what is wrong; a profile with one is left out, the others count. */
  problems: string[];
}

/** The built-in profiles with those of a folder of the site over them. */
export function loadSiteProfiles(folder: string | undefined): SiteProfiles {
  if (folder === undefined) return { library: loadProfiles(), names: [], problems: [] };
  const listed = listFolder(folder);
  if (listed.kind === "unreadable") return { library: loadProfiles(), names: [], problems: [listed.problem] };
  return checkSiteProfiles(listed.files);
}

/** The same of files named one by one. */
export function checkSiteProfiles(files: readonly string[]): SiteProfiles {
  const problems: string[] = [];
  let sound: FromFile[] = [];
  for (const file of files) {
    const read = readProfile(file);
    if ("problems" in read) problems.push(...read.problems);
    else sound.push(read);
  }
  // What is left out may be what another extends: until all that remain are sound together.
  for (let turn = 0; turn <= files.length; turn++) {
    const { library, faults } = profilesOver(sound.map(({ profile }) => profile));
    if (faults.length === 0) return { library, names: sound.map(({ profile }) => profile.name), problems };
    const bad = new Map(faults.map(({ at, message }) => [sound[at], message]));
    problems.push(...[...bad].map(([from, message]) => `${from?.file ?? ""}:1:1: ${message}`));
    sound = sound.filter((from) => !bad.has(from));
  }
  throw new Error(`${files.length} profiles are still at fault after ${files.length} turns`);
}

interface FromFile {
  file: string;
  profile: Profile;
}

function readProfile(file: string): FromFile | { problems: string[] } {
  try {
    const { size } = statSync(file);
    if (size > FILE_BYTES_MAX)
      return { problems: [`${file}:1:1: expected at most ${FILE_BYTES_MAX} bytes, found ${size}.`] };
    const parsed = parseText(readFileSync(file, "utf8"), file, profileSchema);
    if (parsed.kind === "ok") return { file, profile: parsed.config };
    return { problems: parsed.problems.map((problem: ConfigProblem) => formatProblem(problem)) };
  } catch (error) {
    return { problems: [`${file}:1:1: cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

type Listed = { kind: "listed"; files: string[] } | { kind: "unreadable"; problem: string };

function listFolder(folder: string): Listed {
  try {
    const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file) && !basename(file).startsWith("."));
    if (files.length > FILES_MAX)
      return { kind: "unreadable", problem: `${folder} holds ${files.length} profiles; the most is ${FILES_MAX}` };
    return { kind: "listed", files: files.toSorted().map((file) => join(folder, file)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable", problem: `the folder of profiles ${folder} cannot be read: ${reason}` };
  }
}
