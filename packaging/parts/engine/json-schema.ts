/** The part of JSON Schema that the product's formats and tools use. */
export interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  [keyword: string]: unknown;
}

export interface Tool {
  name: string;
  parameters: JsonSchema;
}

const OPTIONAL_MAX = 3;

/** One call of one of these tools, as the template writes it. */
export function callSchema(tools: readonly Tool[]): JsonSchema {
  return {
    oneOf: tools.flatMap(({ name, parameters }) =>
      withoutOptional(parameters).map((input) => ({
        type: "object",
        properties: { name: { const: name }, arguments: input },
      })),
    ),
  };
}

/** llama.cpp's grammar here writes every property of an object: one schema for each choice of the optional ones. */
function withoutOptional(schema: JsonSchema): JsonSchema[] {
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  const optional = properties.map(([name]) => name).filter((name) => !required.has(name));
  const choices = 2 ** Math.min(optional.length, OPTIONAL_MAX);
  return Array.from({ length: choices }, (_, choice) => {
    const chosen = new Set(optional.filter((_name, i) => i < OPTIONAL_MAX && (choice >> i) % 2 === 1));
    const kept = properties.filter(([name]) => required.has(name) || chosen.has(name));
    return { type: "object", properties: Object.fromEntries(kept), required: kept.map(([name]) => name) };
  });
}
