import { nearest } from "./nearest.ts";
import { configSchema, type HubConfig, type Setting, VARIABLES } from "./schema.ts";

/** Variables of the other parts, which may stand in the same environment. */
const ELSEWHERE = /^WATCHPOST_(TOKEN$|TEST_|COLLECTOR_)/;

export type LoadedConfig = { kind: "ok"; config: HubConfig } | { kind: "invalid"; problems: string[] };

/** Settings from flags, then from the environment, then defaults. Every problem is named with where it stands. */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Partial<Record<Setting, unknown>> = {},
): LoadedConfig {
  const problems = unknownVariables(environment);
  const given: Partial<Record<Setting, unknown>> = {};
  for (const [setting, variable] of entries(VARIABLES)) {
    const value = flags[setting] ?? environment[variable];
    // An empty variable is one that a service file left blank.
    if (value !== undefined && value !== "") given[setting] = value;
  }
  const parsed = configSchema.safeParse(given);
  if (parsed.success && problems.length === 0) return { kind: "ok", config: parsed.data };
  for (const issue of parsed.error?.issues ?? []) {
    const setting = String(issue.path[0] ?? "") as Setting;
    const shown = JSON.stringify(given[setting] ?? null).slice(0, 100);
    problems.push(`${VARIABLES[setting] ?? setting} is ${isSecret(setting) ? "set" : shown}: ${issue.message}.`);
  }
  return { kind: "invalid", problems };
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.values(VARIABLES);
  return Object.keys(environment)
    .filter((name) => name.startsWith("WATCHPOST_") && !known.includes(name) && !ELSEWHERE.test(name))
    .map((name) => {
      const like = nearest(name, known);
      return `the hub knows no variable ${name}.${like ? ` Did you mean ${like}?` : " See hub serve --help."}`;
    });
}

function isSecret(setting: Setting): boolean {
  return setting === "openaiApiKey" || setting === "databaseUrl";
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
