import { createServer, connect, type Server, type Socket } from "node:net";

const CONNECTIONS_MAX = 256;
const CONNECT_TIMEOUT_MS = 5_000;

/** One forwarded port of the site's uplink. */
export class UplinkProxy {
  readonly name: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: { host: string; port: number } | undefined;
  #cut = false;

  private constructor(name: string, server: Server) {
    this.name = name;
    this.#server = server;
    server.on("connection", (client) => this.#forward(client));
  }

  /** `port` is taken when it is free, else any other. */
  static async listen(name: string, port: number): Promise<UplinkProxy> {
    const server = createServer({ pauseOnConnect: true });
    server.maxConnections = CONNECTIONS_MAX;
    const proxy = new UplinkProxy(name, server);
    if (port === 0 || !(await listening(server, port))) {
      if (!(await listening(server, 0))) throw new Error(`no free port on 127.0.0.1 for the uplink's ${name} proxy`);
    }
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** Where connections go, as host:port. Until it is set they are refused. */
  setTarget(hostPort: string): void {
    const at = hostPort.lastIndexOf(":");
    const port = Number(hostPort.slice(at + 1));
    if (at < 1 || !Number.isInteger(port) || port < 1 || port > 65_535)
      throw new RangeError(`uplink target "${hostPort.slice(0, 100)}" for ${this.name} is not host:port`);
    this.#target = { host: hostPort.slice(0, at).replace(/^\[|\]$/g, ""), port };
  }

  /** While cut, open connections are torn down and new ones are reset at once. */
  setCut(cut: boolean): void {
    this.#cut = cut;
    if (!cut) return;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #forward(client: Socket): void {
    if (this.#cut || !this.#target) {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...this.#target, timeout: CONNECT_TIMEOUT_MS });
    server.once("connect", () => server.setTimeout(0));
    server.once("timeout", () => server.destroy());
    // Either end's fate becomes the other's; a broken connection is what a proxy passes on, not an error of its own.
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(server);
    server.pipe(client);
    client.resume();
  }
}

function listening(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const failed = () => resolve(false);
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}
