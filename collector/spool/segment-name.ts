import type { Segment } from "./shelf.ts";

const NAME = /^(\d{10})(?:-(\d{10}))?\.(raw|blk)$/;

export function rawName(number: number): string {
  return `${padded(number)}.raw`;
}

/** A compacted file is named for the raw files that it replaces. */
export function compactName(first: number, last: number): string {
  return `${padded(first)}-${padded(last)}.blk`;
}

/** Undefined for a file that is none of ours. */
export function segmentOf(file: string): Segment | undefined {
  const match = NAME.exec(file);
  if (!match) return undefined;
  const first = Number(match[1]);
  return { file, first, last: Number(match[2] ?? first), bytes: 0, blocks: [], pending: 0 };
}

function padded(number: number): string {
  return String(number).padStart(10, "0");
}
