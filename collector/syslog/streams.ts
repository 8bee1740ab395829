import { readFileSync } from "node:fs";
import type { CollectorConfig } from "../config/index.ts";
import { explainBind } from "../listen/index.ts";
import { Framing } from "./framing.ts";

type Config = NonNullable<CollectorConfig["syslog"]>;

export interface StreamCounters {
  connections: number;
  refusedConnections: number;
  idleConnections: number;
  /** Closed since what came was no syslog. */
  brokenStreams: number;
}

export interface StreamOptions {
  config: Config;
  counters: StreamCounters;
  message: (bytes: Uint8Array, from: { address: string; transport: "tcp" | "tls"; isCut: boolean }) => void;
}

export interface Streams {
  readonly port: number;
  close: () => void;
}

interface Connection {
  address: string;
  framing: Framing;
}

/** Listens for connections, plain or over TLS; all of them share one bound. */
export function openStreams(options: StreamOptions, transport: "tcp" | "tls", port: number): Streams {
  const { config, counters, message } = options;
  const idleSeconds = Math.max(1, Math.round(config.idleMs / 1_000));
  const secured = transport === "tls" ? { tls: tlsOf(config) } : {};
  try {
    const listener = Bun.listen<Connection | undefined>({
      hostname: config.address,
      port,
      ...secured,
      socket: {
        open(socket) {
          if (counters.connections >= config.connectionsMax) {
            counters.refusedConnections += 1;
            socket.data = undefined;
            socket.end();
            return;
          }
          counters.connections += 1;
          const address = socket.remoteAddress;
          const give = (bytes: Uint8Array, isCut: boolean) => message(bytes, { address, transport, isCut });
          socket.data = { address, framing: new Framing({ messageBytesMax: config.messageBytesMax, message: give }) };
          socket.timeout(idleSeconds);
        },
        data(socket, chunk) {
          socket.timeout(idleSeconds);
          if (!socket.data || socket.data.framing.push(chunk)) return;
          counters.brokenStreams += 1;
          socket.end();
        },
        timeout(socket) {
          counters.idleConnections += 1;
          socket.end();
        },
        close(socket) {
          if (!socket.data) return;
          counters.connections -= 1;
          socket.data.framing.end();
          socket.data = undefined;
        },
        // A handshake that failed or a peer that reset: the close that follows is all there is to do.
        error: () => undefined,
      },
    });
    return { port: listener.port, close: () => listener.stop(true) };
  } catch (error) {
    const key = transport === "tls" ? "syslog.tls.port" : "syslog.tcpPort";
    const failed = `Syslog over ${transport.toUpperCase()} cannot be received`;
    throw explainBind(failed, { address: config.address, port, key }, error);
  }
}

function tlsOf({ tls }: Config) {
  if (!tls) throw new Error("syslog.tls is not configured");
  const client =
    tls.clientCaFile === undefined
      ? {}
      : { ca: readPem(tls.clientCaFile), requestCert: true, rejectUnauthorized: true };
  return { cert: readPem(tls.certificateFile), key: readPem(tls.keyFile), ...client };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`syslog.tls: ${path} cannot be read: ${reason}`, { cause: error });
  }
}
