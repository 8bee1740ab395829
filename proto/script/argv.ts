import type { Parameters, Scalar } from "./parameters.ts";

const PLACEHOLDER = /\{\{([a-z][a-z0-9_.]*)\}\}/g;

export interface ArgvValues {
  parameters: Parameters;
  /** The parameters' JSON Schema; decides which values may begin with a dash. */
  schema: Record<string, unknown>;
  bodyPath: string;
  target: { name: string; address: string } | undefined;
}

export type Rendered = { kind: "rendered"; argv: string[] } | { kind: "refused"; reason: string };

/** Names between {{ and }} in a template, in order of first use. */
export function placeholdersOf(argv: readonly string[]): string[] {
  return [...new Set(argv.flatMap((argument) => [...argument.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "")))];
}

/** Puts values into their arguments. One pass: what a value holds is never read as a template, nor split. */
export function renderArgv(template: readonly string[], values: ArgvValues): Rendered {
  const argv: string[] = [];
  for (const argument of template) {
    const refusal = placeholdersOf([argument])
      .map((name) => refuse(argument, name, values))
      .find(Boolean);
    if (refusal !== undefined) return { kind: "refused", reason: refusal };
    argv.push(argument.replaceAll(PLACEHOLDER, (_, name: string) => String(valueOf(name, values))));
  }
  return { kind: "rendered", argv };
}

function valueOf(name: string, values: ArgvValues): Scalar | undefined {
  switch (name) {
    case "body":
      return values.bodyPath;
    case "target.name":
      return values.target?.name;
    case "target.address":
      return values.target?.address;
    default:
      return Object.hasOwn(values.parameters, name) ? values.parameters[name] : undefined;
  }
}

function refuse(argument: string, name: string, values: ArgvValues): string | undefined {
  const value = valueOf(name, values);
  if (value === undefined) {
    const need = name.startsWith("target.") ? "exactly one target device" : `a value for ${name}`;
    return `argument ${JSON.stringify(argument)} needs ${need}.`;
  }
  const text = String(value);
  if (text.includes("\0")) return `${name} holds a zero byte, which no program argument can carry.`;
  if (!text.startsWith("-") || !argument.startsWith(`{{${name}}}`) || dashIsMeant(values.schema, name, value))
    return undefined;
  return (
    `${name} is ${JSON.stringify(text.slice(0, 60))} and would begin its argument with a dash, which the program reads ` +
    `as an option. Where that is meant, list the value in the schema's enum or give a pattern that begins with ^-.`
  );
}

function dashIsMeant(schema: Record<string, unknown>, name: string, value: Scalar): boolean {
  const properties = schema["properties"];
  if (typeof properties !== "object" || properties === null) return false;
  const property = (properties as Record<string, Record<string, unknown> | undefined>)[name];
  if (!property) return false;
  const listed = Array.isArray(property["enum"]) && property["enum"].includes(value);
  if (listed || property["const"] === value) return true;
  if (typeof value === "number") return typeof property["minimum"] === "number" && property["minimum"] < 0;
  return typeof property["pattern"] === "string" && property["pattern"].startsWith("^-");
}
