import type { Profile } from "../../profile/index.ts";
import type { Polled } from "../polled.ts";
import type { Answered } from "../reading.ts";

const ADDRESSES_MAX = 4_000;
const IPV4 = "1";
const IPV6 = "2";

/** Addresses by the index of the standard's two tables; the newer one repeats what the older has. */
export function readAddresses({ addresses }: Profile, polled: Polled): Answered["addresses"] {
  if (!addresses) return [];
  const found = new Map<string, number>();
  for (const [index, { number }] of polled.column(addresses.interface)) found.set(index, number);
  for (const [index, { number }] of polled.column(addresses.anyInterface)) {
    const address = addressOf(index);
    if (address !== undefined && !found.has(address)) found.set(address, number);
  }
  return [...found]
    .flatMap(([address, interfaceIndex]) => (Number.isFinite(interfaceIndex) ? [{ address, interfaceIndex }] : []))
    .slice(0, ADDRESSES_MAX);
}

/** The row index is the kind of address, its length, and its bytes. */
function addressOf(index: string): string | undefined {
  const [kind, , ...bytes] = index.split(".");
  if (kind === IPV4 && bytes.length === 4) return bytes.join(".");
  if (kind !== IPV6 || bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) =>
    (Number(bytes[i * 2]) * 256 + Number(bytes[i * 2 + 1])).toString(16),
  );
  return groups.join(":");
}
