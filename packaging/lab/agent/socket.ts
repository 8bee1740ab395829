import type { Agent } from "./agent.ts";

export interface AgentSocket {
  address: string;
  port: number;
  close: () => void;
}

/** What stands between the wire and the agent. Undefined drops the datagram; a number delays the answer. */
export type Passage = () => { delayMs: number } | undefined;

/** Thrown by `bindAgent` when another process holds the port at this address. */
export class AddressInUse extends Error {
  override name = "AddressInUse";
}

/** Puts an agent on a UDP address. `port` 0 takes a free one. */
export async function bindAgent(
  agent: Pick<Agent, "handle">,
  options: { address: string; port: number; passage?: Passage },
): Promise<AgentSocket> {
  const { address, port, passage = () => ({ delayMs: 0 }) } = options;
  const pending = new Set<Timer>();
  const answer = (socket: Bun.udp.Socket<"buffer">, datagram: Uint8Array, peer: { port: number; address: string }) => {
    const pass = passage();
    if (!pass || socket.closed) return;
    const reply = agent.handle(datagram);
    if (!reply) return;
    if (pass.delayMs === 0) send(socket, reply, peer);
    else {
      const late = Uint8Array.from(reply);
      const timer = setTimeout(() => {
        pending.delete(timer);
        if (passage()) send(socket, late, peer);
      }, pass.delayMs);
      pending.add(timer);
    }
  };
  const socket = await open(address, port, {
    data: (socket, datagram, peerPort, peerAddress) =>
      answer(socket, datagram, { port: peerPort, address: peerAddress }),
    // A manager that has gone away is reported by ICMP on the next send; there is nothing to do about it.
    error: () => undefined,
  });
  return {
    address,
    port: socket.port,
    close: () => {
      for (const timer of pending) clearTimeout(timer);
      socket.close();
    },
  };
}

async function open(address: string, port: number, handler: Bun.udp.SocketHandler<"buffer">) {
  try {
    return await Bun.udpSocket({ hostname: address, port, binaryType: "buffer", socket: handler });
  } catch (error) {
    const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (inUse) throw new AddressInUse(`UDP ${address}:${port} is taken by another process`, { cause: error });
    throw new Error(`cannot listen on UDP ${address}:${port}: ${String(error)}`, { cause: error });
  }
}

const SEND_TRIES = 3;

/** An ICMP refusal from a manager that has gone makes the next send fail, whoever it is for: so a failed one is tried again. */
function send(socket: Bun.udp.Socket<"buffer">, reply: Uint8Array, peer: { port: number; address: string }): void {
  for (let attempt = 1; attempt <= SEND_TRIES && !socket.closed; attempt += 1) {
    try {
      if (socket.send(reply, peer.port, peer.address)) return;
    } catch (error) {
      // UDP promises nothing: an answer that cannot be sent is a lost one, and the manager asks again.
      if (attempt === SEND_TRIES)
        process.emitWarning(`no answer sent to ${peer.address}:${peer.port}: ${String(error)}`);
    }
  }
}
