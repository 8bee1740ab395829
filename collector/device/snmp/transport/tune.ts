import { ptr } from "bun:ffi";
import { openLibc } from "./libc.ts";
import type { Peer } from "./peer.ts";

const BUFFER_BYTES = 8 * 1_048_576;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const RECVERR = { ipv4: { level: 0, option: 11 }, ipv6: { level: 41, option: 25 } };

/**
 * Two settings that the runtime has no call for. The default receive buffer holds 92 full datagrams, and with RECVERR
 * one dead host fails the next send to another. Best effort: returns the bytes granted, 0 where nothing could be set.
 */
export function tuneSocket(socket: object, family: Peer["family"]): number {
  const fd = "fd" in socket && typeof socket.fd === "number" ? socket.fd : -1;
  const libc = fd >= 0 ? openLibc() : undefined;
  if (!libc) return 0;
  const { setsockopt, getsockopt } = libc;
  const off = Int32Array.of(0);
  setsockopt(fd, RECVERR[family].level, RECVERR[family].option, ptr(off), 4);
  const wanted = Int32Array.of(BUFFER_BYTES);
  for (const [forced, asked] of [
    [SO_RCVBUFFORCE, SO_RCVBUF],
    [SO_SNDBUFFORCE, SO_SNDBUF],
  ] as const)
    if (setsockopt(fd, SOL_SOCKET, forced, ptr(wanted), 4) !== 0) setsockopt(fd, SOL_SOCKET, asked, ptr(wanted), 4);
  const granted = Int32Array.of(0);
  const size = Int32Array.of(4);
  return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, ptr(granted), ptr(size)) === 0 ? (granted[0] ?? 0) : 0;
}
