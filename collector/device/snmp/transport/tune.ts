import { dlopen, FFIType, ptr } from "bun:ffi";
import type { Peer } from "./peer.ts";

const RECEIVE_BUFFER_BYTES = 8 * 1_048_576;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const RECVERR = { ipv4: { level: 0, option: 11 }, ipv6: { level: 41, option: 25 } };
const LIBRARIES = ["libc.so.6", "libc.so"];

const symbols = {
  setsockopt: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
  getsockopt: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
} as const;

/**
 * Two settings that the runtime has no call for. The default receive buffer holds 92 full datagrams, and with RECVERR
 * one dead host fails the next send to another. Best effort: returns the bytes granted, 0 where nothing could be set.
 */
export function tuneSocket(socket: object, family: Peer["family"]): number {
  const fd = "fd" in socket && typeof socket.fd === "number" ? socket.fd : -1;
  const libc = process.platform === "linux" && fd >= 0 ? openLibc() : undefined;
  if (!libc) return 0;
  const { setsockopt, getsockopt } = libc.symbols;
  const off = Int32Array.of(0);
  setsockopt(fd, RECVERR[family].level, RECVERR[family].option, ptr(off), 4);
  const wanted = Int32Array.of(RECEIVE_BUFFER_BYTES);
  const forced = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, ptr(wanted), 4);
  if (forced !== 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, ptr(wanted), 4);
  const granted = Int32Array.of(0);
  const size = Int32Array.of(4);
  return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, ptr(granted), ptr(size)) === 0 ? (granted[0] ?? 0) : 0;
}

type Libc = ReturnType<typeof dlopen<typeof symbols>>;
let libc: Libc | undefined;

function openLibc(): Libc | undefined {
  for (const library of LIBRARIES) {
    if (libc) break;
    try {
      libc = dlopen(library, symbols);
    } catch (error) {
      // Another C library: the engine works without, with a smaller buffer.
      if (!(error instanceof Error)) throw error;
    }
  }
  return libc;
}
