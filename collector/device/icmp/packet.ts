export type Family = "ipv4" | "ipv6";

const ECHO_REQUEST: Record<Family, number> = { ipv4: 8, ipv6: 128 };
const ECHO_REPLY: Record<Family, number> = { ipv4: 0, ipv6: 129 };
const HEADER_BYTES = 8;
const TOKEN_BYTES = 8;
const IP_HEADER_BYTES_MIN = 20;

export const PACKET_BYTES_MAX = 1_500;

/** An echo request that carries a token nobody can foretell. */
export function echoRequest(token: Uint8Array, sequence: number, family: Family = "ipv4"): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + TOKEN_BYTES);
  const view = new DataView(packet.buffer);
  packet[0] = ECHO_REQUEST[family];
  // A ping socket puts its own identifier in; a raw one sends this. The token is what an answer is known by.
  packet.set(token.subarray(0, 2), 4);
  view.setUint16(6, sequence & 0xffff);
  packet.set(token.subarray(0, TOKEN_BYTES), HEADER_BYTES);
  // Over IPv6 the kernel does that, for the sum is over addresses too that only it knows.
  if (family === "ipv4") view.setUint16(2, checksum(packet));
  return packet;
}

/** The token of an echo reply, as hex; undefined for anything else. Raw sockets give the IP header too, of IPv4. */
export function tokenOf(bytes: Uint8Array, isRaw: boolean, family: Family = "ipv4"): string | undefined {
  const hasHeader = isRaw && family === "ipv4";
  const start = hasHeader ? ((bytes[0] ?? 0) & 0x0f) * 4 : 0;
  if (hasHeader && start < IP_HEADER_BYTES_MIN) return undefined;
  const end = start + HEADER_BYTES + TOKEN_BYTES;
  if (bytes.length < end || bytes[start] !== ECHO_REPLY[family] || bytes[start + 1] !== 0) return undefined;
  return Buffer.from(bytes.subarray(start + HEADER_BYTES, end)).toString("hex");
}

/** RFC 1071, over an even number of bytes. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
