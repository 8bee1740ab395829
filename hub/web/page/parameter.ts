import type { ParameterField } from "@watchpost/ui";
import { z } from "zod";

const PREFIX = "parameter.";
const DESCRIPTION_CHARACTERS_MAX = 200;

/** What a person filled in, or a link proposed; everything is text until the schema says otherwise. */
export interface FormValues {
  parameters: ReadonlyMap<string, string>;
  targets: string;
  collector: string;
  incident: string | undefined;
  dryRun: boolean;
  /** False before anything was sent: defaults then fill the form. */
  sent: boolean;
}

export function formValues(fields: Record<string, string>): FormValues {
  const named = Object.entries(fields).filter(([name]) => name.startsWith(PREFIX));
  return {
    parameters: new Map(named.map(([name, value]) => [name.slice(PREFIX.length), value])),
    targets: fields["targets"] ?? "",
    collector: fields["collector"] ?? "",
    incident: fields["incident"],
    dryRun: fields["dry_run"] === "true",
    sent: fields["sent"] === "true",
  };
}

const property = z.object({
  type: z.enum(["string", "integer", "number", "boolean"]),
  title: z.string().optional(),
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  pattern: z.string().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Property = z.output<typeof property>;

const schemaShape = z.object({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([]),
});

/** The form of a script, from its parameter schema: a closed object of named scalars. */
export function parameterFields(schema: Record<string, unknown>, values: FormValues): ParameterField[] {
  const { properties, required } = schemaShape.parse(schema);
  return Object.entries(properties).map(([name, shape]) =>
    fieldOf(name, shape, { required: required.includes(name), values }),
  );
}

function fieldOf(name: string, shape: Property, more: { required: boolean; values: FormValues }): ParameterField {
  const given = more.values.parameters.get(name);
  const value = given ?? (more.values.sent ? "" : String(shape.default ?? ""));
  const hint = (shape.description ?? "").slice(0, DESCRIPTION_CHARACTERS_MAX);
  const base = { name, label: shape.title ?? name, hint };
  if (shape.type === "boolean") return { ...base, kind: "flag", value: value === "true" };
  const asked = { ...base, required: more.required, value };
  if (shape.enum) return { ...asked, kind: "choice", options: shape.enum.map(String) };
  if (shape.type !== "string") {
    return {
      ...asked,
      kind: "number",
      ...(shape.minimum === undefined ? {} : { min: shape.minimum }),
      ...(shape.maximum === undefined ? {} : { max: shape.maximum }),
    };
  }
  return {
    ...asked,
    kind: "text",
    ...(shape.pattern === undefined ? {} : { pattern: shape.pattern }),
    ...(shape.maxLength === undefined ? {} : { lengthMax: shape.maxLength }),
  };
}

/** The filled form as the schema's types. An empty optional field is not sent; the verb checks the rest. */
export function parameterValues(schema: Record<string, unknown>, values: FormValues): Record<string, unknown> {
  const { properties } = schemaShape.parse(schema);
  const entries: [string, string | number | boolean][] = [];
  for (const [name, { type }] of Object.entries(properties)) {
    const text = values.parameters.get(name) ?? "";
    if (type === "boolean") entries.push([name, text === "true"]);
    else if (text !== "") entries.push([name, type === "string" ? text : Number(text)]);
  }
  return Object.fromEntries(entries);
}
