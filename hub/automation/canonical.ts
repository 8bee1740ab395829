import { createHash } from "node:crypto";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** JSON with sorted keys and no spaces: equal values give equal text, whatever order they were written in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value as Json));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function sha256(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

export interface ScriptContent {
  name: string;
  version: number;
  argv: string[];
  body: string;
  parameterSchema: Record<string, unknown>;
  timeoutMs: number;
  outputBytesMax: number;
}

export function scriptHash(script: ScriptContent): string {
  const { name, version, argv, body, parameterSchema, timeoutMs, outputBytesMax } = script;
  return sha256({ name, version, argv, body, parameterSchema, timeoutMs, outputBytesMax });
}

export interface Binding {
  /** Hash of the script as it is stored now, not as it was noted down. */
  scriptSha256: string;
  collectorId: string;
  parameters: Record<string, unknown>;
  targets: string[];
  expiresAtMs: number;
}

/** One number over everything a person approves: should any of it change afterwards, the approval is void. */
export function bindingHash(binding: Binding): string {
  const { scriptSha256, collectorId, parameters, targets, expiresAtMs } = binding;
  return sha256({ scriptSha256, collectorId, parameters, targets, expiresAtMs });
}
