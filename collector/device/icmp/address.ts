import { isIPv6 } from "node:net";
import type { Family } from "./packet.ts";

const GROUPS = 8;

export function familyOf(address: string): Family {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** The one text of an address that has many: 2001:DB8:0:0:0:0:0:1 is 2001:db8::1. */
export function plainAddress(address: string): string {
  return addressText(addressBytes(address));
}

/** Four bytes, or sixteen. */
export function addressBytes(address: string): Uint8Array {
  if (!isIPv6(address)) return Uint8Array.from(address.split(".").map(Number));
  const [head, tail] = address.split("::");
  const [first, last] = [groupsOf(head), groupsOf(tail)];
  const zeros = GROUPS - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => 0), ...last];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string | undefined): number[] {
  if (!text) return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: GROUPS }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  const text = groups.join(":");
  // The longest run of zeros, the first of several, is left out.
  const [run] = [...text.matchAll(/\b0(?::0)+\b/g)].toSorted((a, b) => b[0].length - a[0].length);
  if (!run) return text;
  const before = text.slice(0, run.index).replace(/:$/, "");
  const after = text.slice(run.index + run[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

/** Where this machine would answer for itself. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || plainAddress(address) === "::1";
}
