import { dlopen, FFIType } from "bun:ffi";

const LIBRARIES = ["libc.so.6", "libc.so", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

const { i32, u32, ptr } = FFIType;

/** What the runtime has no call for: settings of sockets, and many datagrams a call without an object for each. */
const symbols = {
  setsockopt: { args: [i32, i32, i32, ptr, u32], returns: i32 },
  getsockopt: { args: [i32, i32, i32, ptr, ptr], returns: i32 },
  socket: { args: [i32, i32, i32], returns: i32 },
  close: { args: [i32], returns: i32 },
  recvmmsg: { args: [i32, ptr, u32, i32, ptr], returns: i32 },
  sendmmsg: { args: [i32, ptr, u32, i32], returns: i32 },
  __errno_location: { args: [], returns: ptr },
} as const;

export type Libc = ReturnType<typeof dlopen<typeof symbols>>["symbols"];
let libc: Libc | undefined;

/** Undefined where the C library is another: the engine works without. */
export function openLibc(): Libc | undefined {
  if (process.platform !== "linux") return undefined;
  for (const library of LIBRARIES) {
    if (libc) break;
    try {
      libc = dlopen(library, symbols).symbols;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return libc;
}
