import { dlopen, FFIType, ptr } from "bun:ffi";
import { addressBytes, addressText, familyOf } from "./address.ts";
import { type Family, PACKET_BYTES_MAX } from "./packet.ts";

/** Where in a socket address the family's own part begins, and how long both are. */
const KINDS = {
  ipv4: { domain: 2, protocol: 1, addressAt: 4, addressBytes: 4, bytes: 16 },
  ipv6: { domain: 10, protocol: 58, addressAt: 8, addressBytes: 16, bytes: 28 },
} as const;
const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const CLOCK_REALTIME = 0;
const SIOCGSTAMPNS = 0x8907;
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
  family: Family;
  /** IPv4 comes with its IP header then. */
  isRaw: boolean;
  from: string;
  /** When the kernel took it in, on the clock of `nowMs`. */
  atMs: number;
}

export interface IcmpSocket {
  /** Whether there is a socket for addresses of that kind. */
  canSend: (address: string) => boolean;
  /** The wall clock that answers are stamped with. */
  nowMs: () => number;
  send: (packet: Uint8Array, address: string) => boolean;
  /** Never waits; undefined when there is nothing. */
  receive: () => IcmpAnswer | undefined;
  close: () => void;
}

export type OpenedIcmp = { kind: "open"; socket: IcmpSocket } | { kind: "unavailable"; message: string };

/** Opens ping sockets for both families, or raw ones where only those are allowed. */
export function openIcmpSocket(): OpenedIcmp {
  if (process.platform !== "linux") return { kind: "unavailable", message: "ICMP is asked on Linux alone." };
  const libc = openLibc();
  if (!libc) return { kind: "unavailable", message: "there is no C library to open an ICMP socket with." };
  const doors = FAMILIES.flatMap((family) => openDoor(libc, family) ?? []);
  return doors.length > 0 ? { kind: "open", socket: socketOf(libc, doors) } : { kind: "unavailable", message: DENIED };
}

/** A descriptor that speaks to one family. */
interface Door {
  fd: number;
  family: Family;
  isRaw: boolean;
}

function openDoor({ symbols: c }: Libc, family: Family): Door | undefined {
  const { domain, protocol } = KINDS[family];
  for (const type of [SOCK_DGRAM, SOCK_RAW]) {
    const fd = c.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd >= 0) return { fd, family, isRaw: type === SOCK_RAW };
  }
  return undefined;
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

function socketOf({ symbols: c }: Libc, doors: readonly Door[]): IcmpSocket {
  const buffer = new Uint8Array(PACKET_BYTES_MAX);
  const sender = new Uint8Array(KINDS.ipv6.bytes);
  const senderBytes = new Int32Array(1);
  const time = new BigInt64Array(TIMESPEC_BYTES / 8);
  let isOpen = true;
  const timeMs = () => Number(time[0] ?? 0n) * 1_000 + Number(time[1] ?? 0n) / 1e6;
  const nowMs = () => {
    c.clock_gettime(CLOCK_REALTIME, ptr(time));
    return timeMs();
  };
  const doorTo = (address: string) => doors.find(({ family }) => family === familyOf(address));

  function receiveAt({ fd, family, isRaw }: Door): IcmpAnswer | undefined {
    const { addressAt, addressBytes: length } = KINDS[family];
    senderBytes[0] = sender.length;
    const received = Number(c.recvfrom(fd, ptr(buffer), buffer.length, 0, ptr(sender), ptr(senderBytes)));
    if (received < 0) return undefined;
    const isStamped = c.ioctl(fd, SIOCGSTAMPNS, ptr(time)) === 0;
    const atMs = isStamped ? timeMs() : nowMs();
    const from = addressText(sender.subarray(addressAt, addressAt + length));
    return { bytes: buffer.subarray(0, received), family, isRaw, from, atMs };
  }

  return {
    nowMs,
    canSend: (address) => doorTo(address) !== undefined,
    send(packet, address) {
      const door = doorTo(address);
      if (!isOpen || !door) return false;
      const { domain, addressAt, bytes } = KINDS[door.family];
      const to = new Uint8Array(bytes);
      new Uint16Array(to.buffer, 0, 1)[0] = domain;
      to.set(addressBytes(address), addressAt);
      return Number(c.sendto(door.fd, ptr(packet), packet.length, 0, ptr(to), bytes)) === packet.length;
    },
    receive() {
      if (!isOpen) return undefined;
      for (const door of doors) {
        const answer = receiveAt(door);
        if (answer) return answer;
      }
      return undefined;
    },
    close() {
      if (isOpen) for (const { fd } of doors) c.close(fd);
      isOpen = false;
    },
  };
}
