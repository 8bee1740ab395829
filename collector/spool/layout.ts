import type { Series } from "../sample/sample.ts";

const ZSTD_LEVEL = 3;
export const DIGEST_BYTES = 16;
const PREFIX_BYTES = DIGEST_BYTES + 4;

/** The series that a poll of one device gives, in their order. Known by what it says, so that it can never be mistaken. */
export interface Layout {
  digest: string;
  /** One array for all batches of this layout: what is derived from it may be kept by its identity. */
  series: Series[];
}

export function textOf(series: readonly Series[]): Uint8Array {
  const lines = series.map(({ name, labels }) => [name, ...Object.entries(labels).toSorted(byName).flat()]);
  return new TextEncoder().encode(JSON.stringify(lines));
}

export function digestOf(text: Uint8Array): string {
  return new Bun.CryptoHasher("sha256")
    .update(text)
    .digest("hex")
    .slice(0, 2 * DIGEST_BYTES);
}

/** digest (16) | series (4) | zstd of the text. */
export function encodeLayout(digest: string, seriesCount: number, text: Uint8Array): Uint8Array {
  const packed = Bun.zstdCompressSync(text, { level: ZSTD_LEVEL });
  const bytes = new Uint8Array(PREFIX_BYTES + packed.length);
  writeDigest(bytes, 0, digest);
  new DataView(bytes.buffer).setUint32(DIGEST_BYTES, seriesCount, true);
  bytes.set(packed, PREFIX_BYTES);
  return bytes;
}

/** Digest and number of series, without unpacking. */
export function readLayoutHead(payload: Uint8Array): { digest: string; seriesCount: number } | undefined {
  if (payload.length < PREFIX_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { digest: readDigest(payload, 0), seriesCount: view.getUint32(DIGEST_BYTES, true) };
}

/** Undefined when the text is not the one that the digest was made of. */
export function decodeLayout(payload: Uint8Array): Layout | undefined {
  const head = readLayoutHead(payload);
  if (!head) return undefined;
  const text = Bun.zstdDecompressSync(payload.subarray(PREFIX_BYTES));
  if (digestOf(text) !== head.digest) return undefined;
  const lines = JSON.parse(new TextDecoder().decode(text)) as string[][];
  return { digest: head.digest, series: toSeries(lines) };
}

export function writeDigest(target: Uint8Array, at: number, digest: string): void {
  target.set(Buffer.from(digest, "hex"), at);
}

export function readDigest(source: Uint8Array, at: number): string {
  return Buffer.from(source.buffer, source.byteOffset + at, DIGEST_BYTES).toString("hex");
}

/** Series of one thing stand in a row, and share their labels. */
function toSeries(lines: readonly string[][]): Series[] {
  let before: string[] = [];
  let labels: Record<string, string> = {};
  return lines.map(([name = "", ...flat], id) => {
    if (flat.length !== before.length || flat.some((text, i) => text !== before[i])) labels = labelsFrom(flat);
    before = flat;
    return { id, name, labels };
  });
}

function labelsFrom(flat: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) labels[flat[i] as string] = flat[i + 1] as string;
  return labels;
}

function byName(a: [string, string], b: [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}
