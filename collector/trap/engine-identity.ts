import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../enroll/index.ts";

/** RFC 3411: the first bit set, then an enterprise number (here the one kept for examples), then 5: octets of our own. */
const ENGINE_ID_PREFIX = "80007ed905";
const OWN_BYTES = 12;
const BOOTS_MAX = 0x7fff_fffe;

const fileSchema = z.strictObject({
  engineId: z.string().regex(/^([0-9a-f]{2}){5,32}$/),
  boots: z.int().min(0).max(BOOTS_MAX),
});

/** Who this receiver is to senders of informs. */
export interface EngineIdentity {
  id: Buffer;
  boots: number;
}

/**
 * Reads `<dir>/engine.json` and counts one boot more before anything is heard: senders trust a time only within one
 * boot. A damaged file gives a new engine, which senders discover like the first one.
 */
export function openEngineIdentity(options: {
  dir: string;
  randomBytes: (count: number) => Uint8Array;
  onTrouble: (message: string) => void;
}): EngineIdentity {
  const path = join(options.dir, "engine.json");
  const known = read(path, options.onTrouble);
  const fresh = () => ENGINE_ID_PREFIX + Buffer.from(options.randomBytes(OWN_BYTES)).toString("hex");
  const worn = known === undefined || known.boots >= BOOTS_MAX;
  const next = worn ? { engineId: fresh(), boots: 1 } : { engineId: known.engineId, boots: known.boots + 1 };
  replaceFile(path, `${JSON.stringify(next)}\n`);
  return { id: Buffer.from(next.engineId, "hex"), boots: next.boots };
}

function read(path: string, onTrouble: (message: string) => void): z.output<typeof fileSchema> | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    onTrouble(`${path} cannot be used, senders of informs meet a new SNMP engine: ${reason.slice(0, 300)}`);
    return undefined;
  }
}
