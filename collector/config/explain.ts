import type { z } from "zod";
import { knownKeys } from "./known-keys.ts";
import { nearest } from "./nearest.ts";
import type { Finding, PathPart } from "./problem.ts";

type Issue = z.core.$ZodIssue;

const SECRET_KEYS = new Set<PathPart>(["community", "authPassword", "privPassword", "user", "bearerToken", "password"]);
const FOUND_CHARS_MAX = 60;
/** Of one kind each: more than anybody reads, and far below what would hold up the collector. */
const EXPLAINED_MAX = 200;

/** Turns what the schema says into findings a person can act on. */
export function explainIssues(schema: z.ZodType, issues: readonly Issue[], value: unknown): Finding[] {
  return issues.slice(0, EXPLAINED_MAX).flatMap((issue) => explainIssue(schema, issue, value));
}

function explainIssue(schema: z.ZodType, issue: Issue, root: unknown): Finding[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, EXPLAINED_MAX).map((key) => unknownKey(schema, path, key));
  }
  const value = valueAt(root, path);
  return [
    {
      path,
      atKey: false,
      expected: expectation(issue),
      found: SECRET_KEYS.has(path.at(-1) ?? "") && value !== undefined ? "a value kept secret here" : show(value),
      hint: "",
    },
  ];
}

function unknownKey(schema: z.ZodType, path: PathPart[], key: string): Finding {
  const known = knownKeys(schema, path);
  const near = nearest(key, known);
  return {
    path: [...path, key],
    atKey: true,
    expected: "a known key",
    found: `"${key.slice(0, FOUND_CHARS_MAX)}"`,
    hint: near === undefined ? `Known keys here: ${known.join(", ")}.` : `Did you mean "${near}"?`,
  };
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeName(issue.expected);
    case "invalid_value":
      return `one of ${issue.values.map((v) => JSON.stringify(v)).join(", ")}`;
    case "too_small":
      return `${boundedThing(issue.origin)} of at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `${boundedThing(issue.origin)} of at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.format === "regex" ? issue.message : (FORMATS[issue.format] ?? issue.format);
    case "invalid_union":
      return unionExpectation(issue);
    case "unrecognized_keys":
    case "not_multiple_of":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return issue.message;
  }
}

const FORMATS: Record<string, string> = { ipv4: "an IPv4 address", ipv6: "an IPv6 address", url: "a URL" };

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  const options: unknown = "options" in issue ? issue.options : undefined;
  if (Array.isArray(options)) return `one of ${options.map((o) => JSON.stringify(o)).join(", ")}`;
  const branches = issue.errors.flatMap((branch) => branch.map(expectation));
  return [...new Set(branches)].join(" or ") || issue.message;
}

function typeName(expected: string): string {
  if (expected === "int") return "a whole number";
  if (expected === "boolean") return "true or false";
  if (expected === "array") return "a list";
  if (expected === "object") return "a mapping (key: value)";
  if (expected === "string") return "text";
  return `a ${expected}`;
}

function boundedThing(origin: string): string {
  if (origin === "string") return "text";
  return origin === "array" ? "a list" : "a number";
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function valueAt(root: unknown, path: readonly PathPart[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null) return undefined;
    return (value as Record<PathPart, unknown>)[part];
  }, root);
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > FOUND_CHARS_MAX ? `${text.slice(0, FOUND_CHARS_MAX)}…` : text;
}
