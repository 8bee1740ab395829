import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { loadProfiles, parseProfile } from "./library.ts";
import { profileJsonSchema } from "./schema.ts";
import type { Written } from "./written.ts";

const LIBRARY = join(import.meta.dir, "library");
const ENTERPRISES = "enterprises.yaml";

/** `bun run profiles:generate`: what the binary carries and what editors check with, made from library/. */
export function generated(): { file: string; text: string }[] {
  const files = readdirSync(LIBRARY, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml") && file !== ENTERPRISES)
    .toSorted();
  const texts = Object.fromEntries(files.map((file) => [file, readFileSync(join(LIBRARY, file), "utf8")]));
  loadProfiles(texts);
  const enterprises = parse(readFileSync(join(LIBRARY, ENTERPRISES), "utf8")) as Written["enterprises"];
  const written: Written = {
    profiles: Object.entries(texts).map(([file, text]) => parseProfile(file, text)),
    enterprises,
  };
  return [
    { file: join(import.meta.dir, "library.generated"), text: `${JSON.stringify(written)}\n` },
    { file: join(import.meta.dir, "profile.schema.json"), text: `${JSON.stringify(profileJsonSchema(), null, 2)}\n` },
  ];
}

if (import.meta.main) for (const { file, text } of generated()) writeFileSync(file, text);
