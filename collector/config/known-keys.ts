import { z } from "zod";
import type { PathPart } from "./problem.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The keys the schema knows at a path, of every alternative when there are several. */
export function knownKeys(schema: z.ZodType, path: readonly PathPart[]): string[] {
  const root: JsonSchema = z.toJSONSchema(schema, { io: "input" });
  const nodes = path.reduce<JsonSchema[]>((level, part) => level.flatMap((node) => step(node, part)), [root]);
  const keys = nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}));
  return [...new Set(keys)].toSorted();
}

function step(node: JsonSchema, part: PathPart): JsonSchema[] {
  return alternatives(node).flatMap((candidate) => {
    const next = typeof part === "number" ? candidate.items : candidate.properties?.[part];
    return isSchema(next) ? [next] : [];
  });
}

function alternatives(node: JsonSchema): JsonSchema[] {
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(isSchema);
  return branches.length === 0 ? [node] : branches.flatMap(alternatives);
}

function isSchema(node: unknown): node is JsonSchema {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}
