import { compileParameterSchema, placeholdersOf } from "@watchpost/proto/script";
import { z } from "zod";
import { HubError } from "../error.ts";

const PARAMETERLESS = { type: "object", additionalProperties: false, properties: {} };

/** One version of a script as its author writes it. */
export const scriptDraftSchema = z.strictObject({
  argv: z
    .array(
      z
        .string()
        .min(1)
        .max(4_096)
        .refine((text) => !text.includes("\0"), "no zero byte"),
    )
    .min(1)
    .max(64)
    .describe(
      "Program and arguments. {{name}}, {{body}}, {{target.name}} and {{target.address}} are filled in. No shell.",
    ),
  body: z
    .string()
    .max(262_144)
    .refine((text) => !text.includes("\0"), "no zero byte")
    .default("")
    .describe("Written to a file whose path is {{body}}."),
  parameter_schema: z
    .record(z.string(), z.unknown())
    .default(PARAMETERLESS)
    .describe("JSON Schema: an object with additionalProperties false and scalar properties."),
  timeout_ms: z.int().min(100).max(600_000).default(30_000),
  output_bytes_max: z.int().min(1_024).max(1_048_576).default(262_144),
});

export const scriptNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "letters, digits, dot, dash and underscore, at most 63 characters");

export type ScriptDraft = z.output<typeof scriptDraftSchema>;

/** What the shape alone cannot say: every placeholder has a value in every run. Throws the first thing that is wrong. */
export function requireRunnable(draft: ScriptDraft): void {
  const compiled = compileParameterSchema(draft.parameter_schema);
  if (compiled.kind === "unusable") throw refuse("parameter_schema", compiled.reason);
  const [program = ""] = draft.argv;
  if (placeholdersOf([program]).some((name) => name !== "body"))
    throw refuse("argv.0", `the program ${JSON.stringify(program)} must be fixed; put parameters into its arguments.`);
  for (const name of placeholdersOf(draft.argv)) {
    if (name === "target.name" || name === "target.address") continue;
    if (name === "body") {
      if (draft.body === "") throw refuse("body", "argv uses {{body}}, and body is empty.");
    } else if (!compiled.always(name)) {
      throw refuse("argv", `argv uses {{${name}}}; the schema must require that parameter or give it a default.`);
    }
  }
}

function refuse(field: string, expected: string): HubError {
  return new HubError("unprocessable", `${field}: ${expected}`, { errors: [{ in: "json", field, expected }] });
}
