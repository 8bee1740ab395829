import { join } from "node:path";
import { decodeCompact } from "./compact-block.ts";
import { type Disk, readPayload } from "../journal/index.ts";
import { type CodedBatch, decodeRaw } from "./raw.ts";
import type { Block } from "./shelf.ts";

/** Undefined when the record is not as it was written. */
export function readBlock(disk: Disk, dir: string, block: Block): CodedBatch[] | undefined {
  const file = disk.open(join(dir, block.segment.file));
  try {
    const payload = readPayload(file, block);
    if (!payload) return undefined;
    return block.kind === "compact" ? decodeCompact(payload) : decodeRaw(payload);
  } finally {
    file.close();
  }
}
