import text from "./library.generated" with { type: "text" };
import type { Profile } from "./schema.ts";

/** The folder library/ as JSON, made and checked by generate.ts: checking 320 YAML files would double the start. */
export interface Written {
  profiles: Profile[];
  /** Who has which private enterprise number. */
  enterprises: Record<string, string>;
}

let written: Written | undefined;

function read(): Written {
  written ??= JSON.parse(text) as Written;
  return written;
}

export function writtenLibrary(): Profile[] {
  return read().profiles;
}

const ENTERPRISES = "1.3.6.1.4.1.";

/** Whose enterprise number a sysObjectID has; empty where we do not know. */
export function enterpriseOf(objectId: string): string {
  if (!objectId.startsWith(ENTERPRISES)) return "";
  const [number = ""] = objectId.slice(ENTERPRISES.length).split(".");
  return read().enterprises[number] ?? "";
}
