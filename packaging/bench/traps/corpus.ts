import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Where the public corpus of broken requests is looked for when no file is given: beside the tree. */
const BESIDE = resolve(import.meta.dir, "../../../../shared/data/protos-snmpv1/protos-c06-req-app.bin.xz");

/** Its messages, each with its length in four bytes before it; none where the corpus is not at hand. */
export function corpus(file = BESIDE): Buffer[] {
  if (!existsSync(file)) return [];
  const data = Bun.spawnSync(["xz", "-dc", file]).stdout;
  const messages: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length; ) {
    const length = data.readUInt32BE(at);
    messages.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

/** The first byte that asks (0xa0 to 0xa3) says something else. */
export function retagged(message: Uint8Array, tag: number): Uint8Array {
  const copy = Uint8Array.from(message);
  const at = copy.subarray(0, 64).findIndex((byte) => byte >= 0xa0 && byte <= 0xa3);
  if (at >= 0) copy[at] = tag;
  return copy;
}
