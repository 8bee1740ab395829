import { isIPv4, isIPv6 } from "node:net";

/** Where an agent listens; the address in the one form that the kernel reports a sender in. */
export interface Peer {
  readonly family: "ipv4" | "ipv6";
  readonly address: string;
  readonly port: number;
  /** The same as the kernel's sockaddr_in or sockaddr_in6, in its 32-bit words. */
  readonly words: Int32Array;
}

const AF_INET = 2;
const AF_INET6 = 10;
/** ffff and an IPv4 address behind ten zeros. */
const MAPPED_BYTES = 6;
export const SOCKADDR_BYTES = { ipv4: 16, ipv6: 28 } as const;

/** Throws on a name, and on a link-local address with its zone ("fe80::1%eth0"). */
export function peerOf(address: string, port: number): Peer {
  if (isIPv4(address)) {
    const bytes = address.split(".").map(Number);
    return { family: "ipv4", address, port, words: wordsOf("ipv4", port, bytes) };
  }
  if (!isIPv6(address))
    throw new Error(`"${address}" is not an IP address: a device is asked at a number, names are resolved before`);
  if (address.includes("%"))
    throw new Error(`"${address}" names a zone: a link-local address cannot be asked, give one that is routed`);
  const short = shortestForm(address);
  const bytes = ipv6Bytes(short);
  // RFC 4291 2.5.5.2: an IPv4 host, written as IPv6.
  if (short.startsWith("::ffff:") && bytes.length - bytes.findIndex((byte) => byte !== 0) === MAPPED_BYTES)
    return peerOf(bytes.slice(-4).join("."), port);
  return { family: "ipv6", address: short, port, words: wordsOf("ipv6", port, bytes) };
}

/** RFC 5952 text, so that 2001:DB8:0::1 equals 2001:db8::1. */
function shortestForm(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function ipv6Bytes(short: string): number[] {
  const [head = [], tail = []] = short.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Little-endian, as every machine that the runtime exists for. */
function wordsOf(family: Peer["family"], port: number, address: readonly number[]): Int32Array {
  const bytes = new Uint8Array(SOCKADDR_BYTES[family]);
  bytes[0] = family === "ipv4" ? AF_INET : AF_INET6;
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
  bytes.set(address, family === "ipv4" ? 4 : 8);
  // A copy has no buffer object of its own: there is one for each device.
  return Int32Array.from(new Int32Array(bytes.buffer));
}
