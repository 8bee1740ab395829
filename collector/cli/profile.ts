import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { createSnmpEngine, type Target } from "../device/snmp/index.ts";
import { newDeviceState, pollDevice, type Reading } from "../poll/index.ts";
import {
  checkSiteProfiles,
  columnsOf,
  loadSiteProfiles,
  profileJsonSchema,
  type ProfileLibrary,
} from "../profile/index.ts";
import { readRecording, serveRecording } from "../profile/recording/index.ts";
import { newSampleState, SeriesTable, samplesOf } from "../sample/index.ts";
import { deviceFacts } from "./device-facts.ts";
import { printReading } from "./print-reading.ts";
import { tableOf } from "./table.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

const POLL_BUDGET_MS = 60_000;

export interface ProfileTestOptions {
  json?: boolean;
  folder?: string;
}

/** The built-in profiles and those of a folder; what is wrong with these is said. */
export function libraryWith(terminal: Terminal, folder: string | undefined): ProfileLibrary {
  const { library, problems } = loadSiteProfiles(folder);
  for (const problem of problems) terminal.err(problem);
  return library;
}

/** Says whether profiles are right, and if not where and why. */
export function checkProfiles(terminal: Terminal, files: readonly string[], options: { json?: boolean }): number {
  const { library, names, problems } = checkSiteProfiles(files);
  if (options.json) terminal.out(JSON.stringify({ ok: problems.length === 0, profiles: names, problems }));
  else {
    for (const problem of problems) terminal.err(problem);
    for (const name of names) terminal.out(`${name}: ${readsOf(library, name)}; all right`);
  }
  return problems.length === 0 ? OK : FAILED;
}

function countOf({ scalars, columns }: { scalars: string[]; columns: string[] }): number {
  return scalars.length + columns.length;
}

function readsOf(library: ProfileLibrary, name: string): string {
  const profile = library.get(name);
  if (!profile) throw new Error(`the library has the name "${name}" and no such profile`);
  const { fast, slow } = columnsOf(profile);
  const parents = profile.extends.length > 0 ? ` on ${profile.extends.join(", ")}` : "";
  return `reads ${countOf(fast)} objects with every poll and ${countOf(slow)} now and then${parents}`;
}

/** Reads a recording as a poll reads a device: same engine, same profiles, over loopback. */
export async function testProfile(terminal: Terminal, file: string, options: ProfileTestOptions): Promise<number> {
  const recording = readRecording(readFileSync(file));
  const { variables, malformed } = recording;
  if (malformed.count > 0)
    terminal.err(`${file}: ${malformed.count} lines are none of OID|type|value; ${malformed.first}`);
  if (variables.length === 0) {
    terminal.err(`${file} holds no variable: give a recording with lines such as 1.3.6.1.2.1.1.5.0|4|name`);
    return USAGE;
  }
  const library = libraryWith(terminal, options.folder);
  const served = await serveRecording(recording);
  const engine = createSnmpEngine({ random: () => randomInt(2 ** 32) });
  try {
    const { address, port, community } = served;
    const credential = { name: "recording", version: "v2c", community } as const;
    const name = basename(file).replace(/\.snmprec$/, "");
    const target: Target = { name, address, port, credential, timeoutMs: 2_000, retries: 2 };
    const state = newDeviceState();
    const reading = await pollDevice({ engine, library, target, state, budgetMs: POLL_BUDGET_MS });
    if (reading.kind === "cancelled") throw new Error(`${file}: ${reading.message}`);
    return print(terminal, reading, options);
  } finally {
    engine.close();
    served.close();
  }
}

function print(terminal: Terminal, reading: Reading, options: ProfileTestOptions): number {
  if (reading.kind === "unanswered") {
    terminal.err(reading.message);
    return FAILED;
  }
  if (options.json) terminal.out(JSON.stringify(deviceFacts(reading)));
  else printReading(terminal, reading, samplesOf(reading, new SeriesTable(), newSampleState()));
  return OK;
}

/** Every profile, with what it says of the device and what it reads. */
export function listProfiles(terminal: Terminal, options: { json?: boolean; folder?: string }): number {
  const library = libraryWith(terminal, options.folder);
  const rows = library.names.map((name) => summaryOf(library, name));
  if (options.json) terminal.out(JSON.stringify(rows));
  else {
    const cells = rows.map(({ name, vendor, os, sensors, metrics }) => [
      name,
      vendor,
      os,
      String(sensors),
      String(metrics),
    ]);
    for (const line of tableOf(["Profile", "Vendor", "OS", "Sensors", "Metrics"], cells)) terminal.out(line);
  }
  return OK;
}

function summaryOf(library: ProfileLibrary, name: string) {
  const profile = library.get(name);
  if (!profile) throw new Error(`the library has the name "${name}" and no such profile`);
  const said = (part: "vendor" | "os") =>
    profile.identity[part]?.flatMap((source) => ("text" in source ? [source.text] : []))[0] ?? "";
  const { sensors, metrics, match } = profile;
  return {
    name,
    vendor: said("vendor"),
    os: said("os"),
    objectIds: match.objectIds,
    sensors: sensors.length,
    metrics: metrics.length,
  };
}

export function printProfileSchema(terminal: Terminal): number {
  terminal.out(JSON.stringify(profileJsonSchema(), null, 2));
  return OK;
}
