import {
  ADDRESSES_MAX,
  addressesOf,
  isWithin,
  parseBlock,
  parseRange,
  RANGES_MAX,
  type Range,
  sizeOf,
} from "./range.ts";

export type Permit = { kind: "permitted"; addresses: string[] } | { kind: "refused"; reason: string };

const refused = (reason: string): Permit => ({ kind: "refused", reason });

/** The addresses of a scan, if each of them may be scanned here. All or nothing: a half-done scan looks like a whole one. */
export function permit(wanted: readonly string[], allow: readonly string[]): Permit {
  if (allow.length === 0)
    return refused("this site allows no scan. Write the ranges it allows to discover.allow in collector.yaml.");
  if (wanted.length === 0 || wanted.length > RANGES_MAX)
    return refused(`${wanted.length} ranges were asked for; 1 to ${RANGES_MAX} are possible.`);
  const blocks = allow.flatMap((text) => {
    const parsed = parseBlock(text);
    return parsed.kind === "range" ? [parsed.range] : [];
  });
  const ranges: Range[] = [];
  let size = 0n;
  for (const text of wanted) {
    const parsed = parseRange(text);
    if (parsed.kind === "bad") return refused(`${parsed.reason}.`);
    if (!blocks.some((block) => isWithin(parsed.range, block)))
      return refused(`${text} is not within one of the ranges this site allows: ${allow.slice(0, 20).join(", ")}.`);
    ranges.push(parsed.range);
    size += sizeOf(parsed.range);
  }
  if (size > BigInt(ADDRESSES_MAX))
    return refused(`${size} addresses were asked for; ${ADDRESSES_MAX} a scan is the limit. Scan in parts.`);
  return { kind: "permitted", addresses: addressesOf(ranges) };
}
