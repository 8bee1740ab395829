import { listOf, type SeriesList } from "../sample/index.ts";

const ZSTD_LEVEL = 3;
export const DIGEST_BYTES = 16;
const PREFIX_BYTES = DIGEST_BYTES + 4;

/** What the series of a poll say, as it stands on disk: by this they are known, so that they can never be mistaken. */
export function textOf(series: SeriesList): Uint8Array {
  const names = series.shape.names.map((name) => JSON.stringify(name));
  const rows = Array.from(series.shape.rowEnds, (_, row) => rowText(series.labelsOf(row)));
  const lines = Array.from(series.shape.nameOf, (name, i) => `[${names[name]}${rows[series.row(i)]}]`);
  return new TextEncoder().encode(`[${lines.join(",")}]`);
}

function rowText(labels: Record<string, string>): string {
  const entries = Object.entries(labels).toSorted(byName);
  return entries.map(([name, value]) => `,${JSON.stringify(name)},${JSON.stringify(value)}`).join("");
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
export function decodeLayout(payload: Uint8Array): SeriesList | undefined {
  const head = readLayoutHead(payload);
  if (!head) return undefined;
  const text = Bun.zstdDecompressSync(payload.subarray(PREFIX_BYTES));
  if (digestOf(text) !== head.digest) return undefined;
  const lines = JSON.parse(new TextDecoder().decode(text)) as string[][];
  return listOf(toSeries(lines));
}

export function writeDigest(target: Uint8Array, at: number, digest: string): void {
  target.set(Buffer.from(digest, "hex"), at);
}

export function readDigest(source: Uint8Array, at: number): string {
  return Buffer.from(source.buffer, source.byteOffset + at, DIGEST_BYTES).toString("hex");
}

/** Series of one thing stand in a row, and share their labels. */
function toSeries(lines: readonly string[][]): { name: string; labels: Record<string, string> }[] {
  let before: string[] = [];
  let labels: Record<string, string> = {};
  return lines.map(([name = "", ...flat]) => {
    if (flat.length !== before.length || flat.some((text, i) => text !== before[i])) labels = labelsFrom(flat);
    before = flat;
    return { name, labels };
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
