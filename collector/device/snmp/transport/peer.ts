import { isIPv4, isIPv6 } from "node:net";

/** Where an agent listens; the address in the one form that the kernel reports a sender in. */
export interface Peer {
  readonly family: "ipv4" | "ipv6";
  readonly address: string;
  readonly port: number;
}

export function peerOf(address: string, port: number): Peer {
  if (isIPv4(address)) return { family: "ipv4", address, port };
  if (isIPv6(address)) return { family: "ipv6", address: shortestForm(address), port };
  throw new Error(`"${address}" is not an IP address: a device is asked at a number, names are resolved before`);
}

/** RFC 5952 text, so that 2001:DB8:0::1 equals 2001:db8::1. */
function shortestForm(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
