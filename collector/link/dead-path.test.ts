import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { closeSites, linkTo, onClose, site, until } from "./site.fixture.ts";

const HEARTBEAT_MS = 600;
/** Two and a half heartbeats, and time for a busy machine. */
const NOTICED_MS_MAX = 10_000;
afterEach(closeSites);

/** Passes bytes on until it is told to swallow them: neither side hears of it, as with a firewall that forgot a flow. */
class SilentProxy {
  isSilent = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("data", (bytes) => this.isSilent || to.write(bytes));
        from.on("error", () => to.destroy());
        from.on("close", () => this.isSilent || to.destroy());
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (typeof address !== "object" || !address) throw new Error("the proxy does not listen");
    return `127.0.0.1:${address.port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

test("a path that swallows everything without a word is noticed by its silence, and a new one is opened", async () => {
  const s = await site({}, (hub) => {
    hub.heartbeatIntervalMs = HEARTBEAT_MS;
  });
  const proxy = new SilentProxy(Number(s.hub.address.split(":")[1]));
  onClose(() => proxy.close());
  const link = linkTo(s, await proxy.listen());
  link.start();
  await until(() => link.state() === "streaming");
  proxy.isSilent = true;
  const noticedMs = await until(() => link.state() !== "streaming");
  expect(noticedMs).toBeGreaterThan(HEARTBEAT_MS);
  expect(noticedMs).toBeLessThan(NOTICED_MS_MAX);
  expect(link.status().lastEnd ?? "").toMatch(/^nothing came from the hub at .* for \d+ ms$/);
  proxy.isSilent = false;
  await until(() => link.state() === "streaming");
  expect(link.status().streams).toBe(2);
}, 30_000);
