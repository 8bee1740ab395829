import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";

export const SCHEMA_BYTES_MAX = 16_384;
export const PARAMETERS_BYTES_MAX = 32_768;
const PARAMETERS_MAX = 32;
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const SCALAR_TYPES = new Set(["string", "integer", "number", "boolean"]);

export type Scalar = string | number | boolean;
export type Parameters = Record<string, Scalar>;

export type Checked = { kind: "valid"; parameters: Parameters } | { kind: "invalid"; errors: ParameterError[] };
export interface ParameterError {
  /** The parameter's name; empty when it is the object as a whole. */
  parameter: string;
  expected: string;
}

export type CompiledParameters =
  | { kind: "usable"; check(values: unknown): Checked; always: (name: string) => boolean }
  | { kind: "unusable"; reason: string };

/** A parameter schema is a closed object of named scalars; anything looser is refused before it can be approved. */
export function compileParameterSchema(schema: Record<string, unknown>): CompiledParameters {
  const reason = shapeError(schema);
  if (reason !== undefined) return { kind: "unusable", reason };
  const ajv = new Ajv2020({ strict: true, allErrors: true, useDefaults: true, logger: false });
  try {
    const validate = ajv.compile<Parameters>(schema);
    return {
      kind: "usable",
      check(values) {
        const copy: unknown = structuredClone(values);
        if (validate(copy)) return { kind: "valid", parameters: copy };
        return { kind: "invalid", errors: (validate.errors ?? []).map(parameterError) };
      },
      always: (name) => isAlwaysThere(schema, name),
    };
  } catch (error) {
    return { kind: "unusable", reason: `parameter schema: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function shapeError(schema: Record<string, unknown>): string | undefined {
  const bytes = JSON.stringify(schema).length;
  if (bytes > SCHEMA_BYTES_MAX) return `parameter schema has ${bytes} bytes; at most ${SCHEMA_BYTES_MAX} are taken.`;
  if (schema["type"] !== "object") return 'parameter schema: "type" must be "object".';
  if (schema["additionalProperties"] !== false)
    return 'parameter schema: "additionalProperties" must be false, so that every parameter is named.';
  const properties = Object.entries(propertiesOf(schema));
  if (properties.length > PARAMETERS_MAX)
    return `parameter schema names ${properties.length} parameters; at most ${PARAMETERS_MAX} are taken.`;
  for (const [name, property] of properties) {
    if (!NAME.test(name) || name === "body")
      return `parameter ${JSON.stringify(name)}: names are a-z, 0-9 and _, begin with a letter, and "body" is taken.`;
    if (!SCALAR_TYPES.has(String(property["type"])))
      return `parameter ${name}: "type" must be one of ${[...SCALAR_TYPES].join(", ")}.`;
  }
  return undefined;
}

function propertiesOf(schema: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const properties = schema["properties"];
  return typeof properties === "object" && properties !== null
    ? (properties as Record<string, Record<string, unknown>>)
    : {};
}

function isAlwaysThere(schema: Record<string, unknown>, name: string): boolean {
  const required = schema["required"];
  if (Array.isArray(required) && required.includes(name)) return true;
  return propertiesOf(schema)[name]?.["default"] !== undefined;
}

function parameterError(error: ErrorObject): ParameterError {
  const { additionalProperty, missingProperty, allowedValues } = error.params as Record<string, unknown>;
  const extra = typeof additionalProperty === "string" ? additionalProperty : undefined;
  const missing = typeof missingProperty === "string" ? missingProperty : undefined;
  const listed = Array.isArray(allowedValues) ? `: ${allowedValues.slice(0, 20).join(", ")}` : "";
  return {
    parameter: extra ?? missing ?? error.instancePath.slice(1),
    expected: `${extra === undefined ? (error.message ?? error.keyword) : "is not a parameter of this script"}${listed}`,
  };
}
