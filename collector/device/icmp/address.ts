import { isIPv6 } from "node:net";
import type { Family } from "./packet.ts";

const GROUPS = 8;

export function familyOf(address: string): Family {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** The one text of an address that has many: 2001:DB8:0::1 is 2001:db8::1. */
export function plainAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** Four bytes, or sixteen. */
export function addressBytes(address: string): Uint8Array {
  if (!isIPv6(address)) return Uint8Array.from(address.split(".").map(Number));
  const [head = "", tail] = plainAddress(address).split("::");
  const [first, last] = [groupsOf(head), groupsOf(tail)];
  const zeros = tail === undefined ? 0 : GROUPS - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => 0), ...last];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string | undefined): number[] {
  return text ? text.split(":").map((group) => Number.parseInt(group, 16)) : [];
}

export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: GROUPS }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  return plainAddress(groups.join(":"));
}

/** Where this machine would answer for itself. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || plainAddress(address) === "::1";
}
