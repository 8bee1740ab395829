import { readFileSync } from "node:fs";
import type { Finding } from "./problem.ts";

const REFERENCE = /^\$\{(env|file):([^}]+)\}$/;
const SECRET_KEYS = {
  credentials: ["community", "user", "authPassword", "privPassword"],
  scrape: ["bearerToken", "username", "password"],
} as const;
const SECRET_CHARS_MAX = 4_096;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${env:NAME}` and `${file:/path}` in credentials and scrape targets, so that the file itself may be shared. It
 * works on the parsed YAML before the schema, which then checks the real values.
 */
export function resolveSecrets(value: unknown, env: Environment): { value: unknown; findings: Finding[] } {
  const findings: Finding[] = [];
  if (!isRecord(value)) return { value, findings };
  const resolved = { ...value };
  for (const [list, keys] of Object.entries(SECRET_KEYS)) {
    const entries: unknown = value[list];
    if (!Array.isArray(entries)) continue;
    resolved[list] = entries.map((entry: unknown, index) => {
      if (!isRecord(entry)) return entry;
      const outcome = resolveEntry(entry, keys, env);
      findings.push(
        ...outcome.missing.map(({ key, ...missing }) => ({ path: [list, index, key], atKey: false, ...missing })),
      );
      return outcome.entry;
    });
  }
  return { value: resolved, findings };
}

type Missing = { expected: string; found: string; hint: string };

function resolveEntry(entry: Record<string, unknown>, keys: readonly string[], env: Environment) {
  const resolved: Record<string, unknown> = { ...entry };
  const missing: ({ key: string } & Missing)[] = [];
  for (const key of keys) {
    const text = resolved[key];
    if (typeof text !== "string") continue;
    const outcome = resolveReference(text, env);
    if (outcome.kind === "value") resolved[key] = outcome.text;
    else missing.push({ key, ...outcome.missing });
  }
  return { entry: resolved, missing };
}

type Resolved = { kind: "value"; text: string } | { kind: "missing"; missing: Missing };

function resolveReference(text: string, env: Environment): Resolved {
  const match = REFERENCE.exec(text);
  const [, source, name = ""] = match ?? [];
  if (source === undefined) return { kind: "value", text };
  if (source === "env") {
    const value = env[name];
    if (value !== undefined && value !== "") return { kind: "value", text: value };
    const hint = `Set ${name} in the collector's environment.`;
    return { kind: "missing", missing: { expected: `environment variable ${name}`, found: "it unset", hint } };
  }
  try {
    const content = readFileSync(name, "utf8").replace(/\r?\n$/, "");
    if (content !== "" && content.length <= SECRET_CHARS_MAX) return { kind: "value", text: content };
    const found = `${content.length} characters`;
    return {
      kind: "missing",
      missing: { expected: `a secret of 1 to ${SECRET_CHARS_MAX} characters in ${name}`, found, hint: "" },
    };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const hint = "The collector's account must be able to read it.";
    return { kind: "missing", missing: { expected: `a readable file ${name}`, found, hint } };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
