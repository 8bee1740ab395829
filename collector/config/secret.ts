import { readFileSync } from "node:fs";
import type { Finding } from "./problem.ts";

const REFERENCE = /^\$\{(env|file):([^}]+)\}$/;
const SECRET_KEYS = ["community", "user", "authPassword", "privPassword"] as const;
const SECRET_CHARS_MAX = 4_096;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${env:NAME}` and `${file:/path}` in the credentials, so that the file itself may be shared. It works on
 * the parsed YAML before the schema, which then checks the real values.
 */
export function resolveSecrets(value: unknown, env: Environment): { value: unknown; findings: Finding[] } {
  const findings: Finding[] = [];
  if (!isRecord(value) || !Array.isArray(value["credentials"])) return { value, findings };
  const credentials = value["credentials"].map((credential: unknown, index) => {
    if (!isRecord(credential)) return credential;
    const resolved: Record<string, unknown> = { ...credential };
    for (const key of SECRET_KEYS) {
      const text = resolved[key];
      if (typeof text !== "string") continue;
      const outcome = resolveReference(text, env);
      if (outcome.kind === "value") resolved[key] = outcome.text;
      else findings.push({ path: ["credentials", index, key], atKey: false, ...outcome.missing });
    }
    return resolved;
  });
  return { value: { ...value, credentials }, findings };
}

type Resolved =
  | { kind: "value"; text: string }
  | { kind: "missing"; missing: { expected: string; found: string; hint: string } };

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
