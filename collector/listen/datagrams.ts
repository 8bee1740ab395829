import { tuneSocket } from "../device/snmp/index.ts";
import { explainBind } from "./bind-error.ts";
import { kernelDropsOf } from "./kernel-drops.ts";

export interface Datagrams {
  readonly port: number;
  readonly receiveBufferBytes: number;
  /** False: the kernel did not take it. */
  send(bytes: Uint8Array, port: number, address: string): boolean;
  /** What came in faster than it was read, since the start. */
  kernelDrops(): number;
  close(): void;
}

export interface DatagramOptions {
  /** For messages to people: "SNMP traps", and where the port is configured: "traps.port". */
  what: string;
  key: string;
  address: string;
  port: number;
  receive: (bytes: Uint8Array, port: number, address: string) => void;
}

/** Listens for datagrams; the receive buffer is the queue, as large as the kernel grants. */
export async function openDatagrams(options: DatagramOptions): Promise<Datagrams> {
  const { address } = options;
  const socket = await bind(options);
  const receiveBufferBytes = tuneSocket(socket, address.includes(":") ? "ipv6" : "ipv4");
  const kernelDrops = kernelDropsOf(socket);
  return {
    port: socket.port,
    receiveBufferBytes,
    send: (bytes, to, target) => trySend(socket, bytes, { port: to, address: target }),
    kernelDrops,
    close() {
      kernelDrops();
      socket.close();
    },
  };
}

async function bind({ what, key, address, port, receive }: DatagramOptions): Promise<Bun.udp.Socket<"buffer">> {
  try {
    return await Bun.udpSocket({
      hostname: address,
      port,
      binaryType: "buffer",
      socket: {
        data: (_, bytes, from, source) => receive(bytes, from, source),
        // An error here is the ICMP answer to an earlier reply: whoever asked has gone.
        error: () => undefined,
      },
    });
  } catch (error) {
    throw explainBind(`${what} cannot be received`, { address, port, key }, error);
  }
}

function trySend(socket: Bun.udp.Socket<"buffer">, bytes: Uint8Array, to: { port: number; address: string }): boolean {
  if (socket.closed) return false;
  try {
    return socket.send(bytes, to.port, to.address);
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
