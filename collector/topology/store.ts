import { z } from "zod";
import { type KeptTable, type KeptTableOptions, openKeptTable } from "../journal/index.ts";
import type { DeviceFacts } from "./facts.ts";

const factsSchema = z.strictObject({
  systemName: z.string(),
  neighbours: z.array(
    z.strictObject({ localPort: z.string(), remoteSystem: z.string(), remotePort: z.string(), lastSeenMs: z.number() }),
  ),
});

const factsText = z
  .string()
  .transform((text, issues): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      issues.addIssue(String(error));
      return z.NEVER;
    }
  })
  .pipe(factsSchema);

/** Facts by device name, so that a collector that starts while the site is cut still knows who stands behind whom. */
export type FactStore = KeptTable<DeviceFacts>;

export function openFactStore(options: KeptTableOptions): FactStore {
  return openKeptTable(options, {
    encode: (facts) => new TextEncoder().encode(JSON.stringify(facts)),
    decode: (bytes) => factsText.safeParse(new TextDecoder().decode(bytes)).data,
  });
}
