import { connect, createServer, type Socket } from "node:net";

export interface TestProxy {
  url: string;
  /** host:port of each CONNECT. */
  tunnels: string[];
  stop(): void;
}

/** An HTTP proxy that makes tunnels. */
export async function startProxy(): Promise<TestProxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    client.once("data", (head) => {
      const [, host = "", port = ""] = /^CONNECT ([^: ]+):(\d+) /.exec(head.toString("latin1")) ?? [];
      tunnels.push(`${host}:${port}`);
      const store = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        store.pipe(client).pipe(store);
      });
      sockets.add(store);
      store.on("error", () => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`the proxy listens at ${String(address)}`);
  return {
    url: `http://127.0.0.1:${address.port}`,
    tunnels,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
