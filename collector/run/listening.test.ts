import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { pino } from "pino";
import { startLab } from "../../packaging/lab/index.ts";
import { scratchDir } from "../../packaging/parts/index.ts";
import { configSchema } from "../config/index.ts";
import { startCollector } from "./index.ts";

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function freeUdpPort(): Promise<number> {
  const probe = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe;
  probe.close();
  return port;
}

/** Generous: a busy machine is no fault of the collector's. What would go wrong here waits for ten minutes. */
const WAIT_MS = 50_000;

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${WAIT_MS} ms: ${what}`);
    await Bun.sleep(50);
  }
}

test("a trap brings the poll that finds the link down, long before its turn; an endpoint is scraped beside it", async () => {
  const dir = scratchDir("run-listen");
  const ports = { trap: await freeUdpPort(), syslog: await freeUdpPort() };
  const targets = { trapTarget: `127.0.0.1:${ports.trap}`, syslogTarget: `127.0.0.1:${ports.syslog}` };
  const lab = await startLab({ dir: join(dir, "lab"), seed: 11, ...targets });
  opened.push(() => lab.stop());
  let scrapes = 0;
  const app = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(`app_requests_total ${++scrapes}\n`),
  });
  opened.push(() => app.stop(true));
  const { credentials, devices, rules } = lab.siteConfig();
  const config = configSchema.parse({
    name: "edge1",
    dataDir: join(dir, "collector"),
    status: { port: 0 },
    credentials,
    devices,
    rules,
    poll: { intervalMs: 600_000, timeoutMs: 3_000, retries: 3 },
    traps: { address: "127.0.0.1", port: ports.trap },
    syslog: { address: "127.0.0.1", udpPort: ports.syslog },
    scrape: [{ job: "app", url: `http://127.0.0.1:${app.port}/metrics`, intervalMs: 1_000 }],
  });
  const collector = await startCollector({ config, env: {}, log: pino({ level: "silent" }) });
  opened.push(() => collector.stop());
  const status = () => collector.status();
  // Ten minutes between polls: only what a coldStart asks for is polled before the fault.
  lab.inject("device-down", { device: "dist-sw1" });
  lab.clear();
  await until("a first poll", () => status().devices.some((d) => d.name === "dist-sw1" && d.state === "up"));
  lab.inject("link-down", { device: "dist-sw1", interface: "Te1/5" });
  await until("the link's event", () => status().firing.some((f) => f.fingerprint === "interface-down/dist-sw1/Te1/5"));
  await until("a scrape", () => scrapes > 0 && status().samples.pending > 0);
  const { messages } = status();
  expect(messages).toMatchObject({ traps: { malformed: 0, kernelDrops: 0 }, events: { dropped: 0 }, strangers: [] });
  expect(messages?.traps["traps"]).toBeGreaterThanOrEqual(2);
  expect(messages?.syslog["told"]).toBeGreaterThanOrEqual(1);
}, 170_000);

test("a trap port that is taken stops the start, and leaves nothing running", async () => {
  const taken = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  opened.push(() => taken.close());
  const dataDir = scratchDir("run-taken");
  const traps = { address: "127.0.0.1", port: taken.port };
  const config = configSchema.parse({ name: "edge1", dataDir, status: { port: 0 }, traps });
  const start = () => startCollector({ config, env: {}, log: pino({ level: "silent" }) });
  expect(String(await start().catch((error: unknown) => error))).toContain("another program listens there");
  taken.close();
  const collector = await start();
  await collector.stop();
}, 30_000);
