import { z } from "zod";
import { configSchema } from "./schema.ts";

/** The published JSON Schema of collector.yaml, for editors and other programs. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  return `${JSON.stringify({ ...schema, title: "Watchpost collector configuration" }, null, 2)}\n`;
}
