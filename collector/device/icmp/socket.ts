import { dlopen, FFIType, ptr } from "bun:ffi";
import { PACKET_BYTES_MAX } from "./packet.ts";

const AF_INET = 2;
const IPPROTO_ICMP = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const CLOCK_REALTIME = 0;
const SIOCGSTAMPNS = 0x8907;
const ADDRESS_BYTES = 16;
const TIMESPEC_BYTES = 16;
const LIBRARIES = ["libc.so.6", "libc.so"];
const DENIED =
  "the kernel allows no ICMP socket here. Put the collector's group into net.ipv4.ping_group_range, or give it " +
  "CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW); without it there are no ping metrics.";

const { i32, ptr: pointer, u64, i64 } = FFIType;
const symbols = {
  socket: { args: [i32, i32, i32], returns: i32 },
  close: { args: [i32], returns: i32 },
  sendto: { args: [i32, pointer, u64, i32, pointer, i32], returns: i64 },
  recvfrom: { args: [i32, pointer, u64, i32, pointer, pointer], returns: i64 },
  ioctl: { args: [i32, u64, pointer], returns: i32 },
  clock_gettime: { args: [i32, pointer], returns: i32 },
} as const;

export interface IcmpAnswer {
  /** Valid until the next receive. */
  bytes: Uint8Array;
  from: string;
  /** When the kernel took it in, on the clock of `nowMs`. */
  atMs: number;
}

export interface IcmpSocket {
  readonly isRaw: boolean;
  /** The wall clock that answers are stamped with. */
  nowMs: () => number;
  send: (packet: Uint8Array, address: string) => boolean;
  /** Never waits; undefined when there is nothing. */
  receive: () => IcmpAnswer | undefined;
  close: () => void;
}

export type OpenedIcmp = { kind: "open"; socket: IcmpSocket } | { kind: "unavailable"; message: string };

/** Opens a ping socket, or a raw one where only that is allowed. */
export function openIcmpSocket(): OpenedIcmp {
  if (process.platform !== "linux") return { kind: "unavailable", message: "ICMP is asked on Linux alone." };
  const libc = openLibc();
  if (!libc) return { kind: "unavailable", message: "there is no C library to open an ICMP socket with." };
  for (const type of [SOCK_DGRAM, SOCK_RAW]) {
    const fd = libc.symbols.socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
    if (fd >= 0) return { kind: "open", socket: socketOf(libc, { fd, isRaw: type === SOCK_RAW }) };
  }
  return { kind: "unavailable", message: DENIED };
}

type Libc = ReturnType<typeof dlopen<typeof symbols>>;

function openLibc(): Libc | undefined {
  for (const library of LIBRARIES) {
    try {
      return dlopen(library, symbols);
    } catch (error) {
      // The other name of the library may be there; without any, the status says so.
      if (!(error instanceof Error)) throw error;
    }
  }
  return undefined;
}

function socketOf({ symbols: c }: Libc, { fd, isRaw }: { fd: number; isRaw: boolean }): IcmpSocket {
  const buffer = new Uint8Array(PACKET_BYTES_MAX);
  const sender = new Uint8Array(ADDRESS_BYTES);
  const senderBytes = new Int32Array(1);
  const time = new BigInt64Array(TIMESPEC_BYTES / 8);
  let isOpen = true;
  const timeMs = () => Number(time[0] ?? 0n) * 1_000 + Number(time[1] ?? 0n) / 1e6;
  const nowMs = () => {
    c.clock_gettime(CLOCK_REALTIME, ptr(time));
    return timeMs();
  };
  return {
    isRaw,
    nowMs,
    send(packet, address) {
      const to = new Uint8Array(ADDRESS_BYTES);
      new Uint16Array(to.buffer, 0, 1)[0] = AF_INET;
      to.set(address.split(".").map(Number), 4);
      return isOpen && Number(c.sendto(fd, ptr(packet), packet.length, 0, ptr(to), ADDRESS_BYTES)) === packet.length;
    },
    receive() {
      if (!isOpen) return undefined;
      senderBytes[0] = ADDRESS_BYTES;
      const length = Number(c.recvfrom(fd, ptr(buffer), buffer.length, 0, ptr(sender), ptr(senderBytes)));
      if (length < 0) return undefined;
      const isStamped = c.ioctl(fd, SIOCGSTAMPNS, ptr(time)) === 0;
      const atMs = isStamped ? timeMs() : nowMs();
      return { bytes: buffer.subarray(0, length), from: sender.subarray(4, 8).join("."), atMs };
    },
    close() {
      if (isOpen) c.close(fd);
      isOpen = false;
    },
  };
}
