import { createServer } from "node:net";

/** The wanted port when it is free on loopback, else one the system picks. */
export async function freePort(options: { wanted?: number } = {}): Promise<number> {
  const first = await tryPort(options.wanted ?? 0);
  if (first.kind === "free") return first.port;
  const second = await tryPort(0);
  if (second.kind === "free") return second.port;
  throw new Error(`no free TCP port on 127.0.0.1 (${second.reason})`);
}

type Tried = { kind: "free"; port: number } | { kind: "taken"; reason: string };

function tryPort(port: number): Promise<Tried> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ kind: "taken", reason: error.code ?? error.message }),
    );
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address ? address.port : port;
      server.close(() => resolve({ kind: "free", port: bound }));
    });
  });
}
