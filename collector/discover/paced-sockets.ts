import { type SocketFactory, systemSockets } from "../device/snmp/index.ts";
import type { Pacer } from "./pacer.ts";

const PACKET_FIELDS = 3;
/** A host that refused an earlier datagram makes the next send fail, whoever that is for. */
const SEND_TURNS_MAX = 3;

/** The SNMP engine's sockets, with every datagram of theirs at the scan's pace: requests, tries and discoveries alike. */
export function pacedSockets(pacer: Pacer, sockets: SocketFactory = systemSockets): SocketFactory {
  return {
    async openShared(family, receive) {
      const socket = await sockets.openShared(family, receive);
      let closed = false;
      const send = (packet: readonly (Uint8Array | number | string)[]) => {
        if (closed) return;
        for (let turn = 0; turn < SEND_TURNS_MAX; turn++) if (quietly(() => socket.sendMany(packet) > 0)) return;
      };
      return {
        receiveBufferBytes: socket.receiveBufferBytes,
        sendMany(packets) {
          const count = packets.length / PACKET_FIELDS;
          for (let i = 0; i < count; i++) {
            const packet = packets.slice(i * PACKET_FIELDS, (i + 1) * PACKET_FIELDS);
            if (!pacer.go(() => send(packet))) return i;
          }
          return count;
        },
        close() {
          closed = true;
          socket.close();
        },
      };
    },
    async connect(peer, on) {
      const socket = await sockets.connect(peer, on);
      let closed = false;
      return {
        send: (bytes) =>
          pacer.go(() => {
            if (!closed) quietly(() => socket.send(bytes));
          }),
        close() {
          closed = true;
          socket.close();
        },
      };
    },
  };
}

/** An address without a route fails at once here; its request times out and says so. */
function quietly(send: () => boolean): boolean {
  try {
    return send();
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
