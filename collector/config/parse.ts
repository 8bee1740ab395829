import type { z } from "zod";
import { checkCredentials, crossCheck } from "./cross-check.ts";
import { explainIssues } from "./explain.ts";
import type { ConfigProblem, Finding } from "./problem.ts";
import { type CollectorConfig, type Credential, configSchema, type SitePart, sitePartSchema } from "./schema.ts";
import { type Environment, resolveSecrets } from "./secret.ts";
import { parseYaml } from "./yaml-text.ts";

/** A page of problems helps; thousands hide the first. */
const PROBLEMS_MAX = 50;

export type Parsed<T> = { kind: "ok"; config: T } | { kind: "invalid"; problems: ConfigProblem[] };

/** Text of collector.yaml -> configuration, with every secret reference resolved. */
export function parseConfig(source: string, options: { file: string; env: Environment }): Parsed<CollectorConfig> {
  return parse(source, options.file, configSchema, {
    prepare: (value) => resolveSecrets(value, options.env),
    check: (config) => [...checkCredentials(config.credentials), ...crossCheck(config, config.credentials)],
  });
}

/** Text of the part that the hub pushes; its devices use the credentials of the local file. */
export function parseSitePart(
  source: string,
  options: { file: string; credentials: readonly Credential[] },
): Parsed<SitePart> {
  return parse(source, options.file, sitePartSchema, {
    prepare: (value) => ({ value: value ?? {}, findings: [] }),
    check: (site) => crossCheck(site, options.credentials),
  });
}

/** Any other YAML text with a schema, such as a profile: problems have their line, as those of collector.yaml. */
export function parseText<S extends z.ZodType>(source: string, file: string, schema: S): Parsed<z.output<S>> {
  return parse(source, file, schema, { prepare: (value) => ({ value, findings: [] }), check: () => [] });
}

interface Steps<T> {
  prepare(value: unknown): { value: unknown; findings: Finding[] };
  check(config: T): Finding[];
}

function parse<S extends z.ZodType>(
  source: string,
  file: string,
  schema: S,
  steps: Steps<z.output<S>>,
): Parsed<z.output<S>> {
  const yaml = parseYaml(source, file);
  if (yaml.kind === "broken") return { kind: "invalid", problems: yaml.problems.slice(0, PROBLEMS_MAX) };
  const invalid = (findings: Finding[]): Parsed<z.output<S>> => ({
    kind: "invalid",
    problems: findings
      .slice(0, PROBLEMS_MAX)
      .map((finding) => yaml.text.locate(finding))
      .toSorted((a, b) => a.line - b.line || a.column - b.column),
  });

  const prepared = steps.prepare(yaml.text.value);
  const parsed = schema.safeParse(prepared.value);
  if (!parsed.success) {
    return invalid([...prepared.findings, ...explainIssues(schema, parsed.error.issues, prepared.value)]);
  }
  const findings = [...prepared.findings, ...steps.check(parsed.data)];
  return findings.length > 0 ? invalid(findings) : { kind: "ok", config: parsed.data };
}
