import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import pino from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemClock, systemTimerClock } from "../clock.ts";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { openOutbox } from "../outbox/index.ts";
import { createLink } from "./index.ts";
import { TestHub } from "./test-hub.fixture.ts";

const HEARTBEAT_MS = 600;
/** Two and a half heartbeats, and time for a busy machine. */
const NOTICED_MS_MAX = 10_000;
const log = pino({ level: "silent" });
const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

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

async function until(condition: () => boolean, deadlineMs = 15_000): Promise<number> {
  const from = performance.now();
  while (!condition()) {
    if (performance.now() - from > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await Bun.sleep(10);
  }
  return performance.now() - from;
}

test("a path that swallows everything without a word is noticed by its silence, and a new one is opened", async () => {
  const authority = await createTestAuthority();
  const hub = new TestHub(authority);
  hub.heartbeatIntervalMs = HEARTBEAT_MS;
  await hub.start();
  const proxy = new SilentProxy(Number(hub.address.split(":")[1]));
  const dialAddress = await proxy.listen();
  const dir = scratchDir("dead-path");
  const outbox = openOutbox({ dir, bytesMax: 10_000_000, clock: systemClock, log });
  const link = createLink({
    identity: await authority.identity(dir, { linkAddress: hub.address }),
    outbox,
    version: "0.1.0",
    allowedScripts: () => [],
    configVersion: () => 0,
    samplesPending: () => 0,
    handlers: {
      onConfig: async () => ({ applied: true }),
      onOrder: () => undefined,
      onCancel: () => undefined,
      pendingScriptResults: () => [],
      onScriptResultAcked: () => undefined,
    },
    clock: systemTimerClock,
    random: () => 0,
    log,
    dialAddress,
  });
  cleanup.push(
    () => outbox.close(),
    () => hub.kill(),
    () => proxy.close(),
    () => link.stop(),
  );
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
