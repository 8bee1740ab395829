import type { Site } from "../device/index.ts";
import { syslogOf } from "./syslog.ts";
import { type SecurityOf, trapOf } from "./trap.ts";

export interface SignalTargets {
  /** host:port; none: no traps. */
  trapTarget?: string;
  syslogTarget?: string;
}

/** Sends the site's events as traps and syslog, each from its device's own address. */
export class SignalSender {
  readonly counts = { traps: 0, syslogs: 0, unsent: 0 };
  readonly #sockets: Map<string, Bun.udp.Socket<"buffer">>;

  private constructor(sockets: Map<string, Bun.udp.Socket<"buffer">>) {
    this.#sockets = sockets;
  }

  /** Undefined when there is nobody to send to. */
  static async open(site: Site, targets: SignalTargets, securityOf: SecurityOf): Promise<SignalSender | undefined> {
    const trap = targets.trapTarget === undefined ? undefined : parseTarget(targets.trapTarget);
    const syslog = targets.syslogTarget === undefined ? undefined : parseTarget(targets.syslogTarget);
    if (!trap && !syslog) return undefined;
    const sockets = new Map<string, Bun.udp.Socket<"buffer">>();
    for (const device of site.devices.values())
      sockets.set(device.name, await Bun.udpSocket({ hostname: device.address, port: 0, binaryType: "buffer" }));
    const sender = new SignalSender(sockets);
    let requestId = 0;
    site.onEvent((event) => {
      const nowMs = site.options.clock();
      requestId += 1;
      const message = trap && trapOf(event, { security: securityOf(event.device), nowMs, requestId });
      if (trap && message && sender.#send(event.device.name, message, trap)) sender.counts.traps += 1;
      if (syslog && sender.#send(event.device.name, Buffer.from(syslogOf(event, nowMs)), syslog))
        sender.counts.syslogs += 1;
    });
    return sender;
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
  }

  #send(device: string, message: Uint8Array, target: { host: string; port: number }): boolean {
    const socket = this.#sockets.get(device);
    // The first try may meet the ICMP refusal of an earlier message.
    if (socket && (trySend(socket, message, target) || trySend(socket, message, target))) return true;
    this.counts.unsent += 1;
    return false;
  }
}

function parseTarget(hostPort: string): { host: string; port: number } {
  const match = /^(\d+\.\d+\.\d+\.\d+):(\d{1,5})$/.exec(hostPort);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65_535)
    throw new RangeError(`"${hostPort.slice(0, 100)}" is not an IPv4 address:port to send traps or syslog to`);
  return { host: match[1], port };
}

function trySend(
  socket: Bun.udp.Socket<"buffer">,
  message: Uint8Array,
  target: { host: string; port: number },
): boolean {
  if (socket.closed) return false;
  try {
    return socket.send(message, target.port, target.host);
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
