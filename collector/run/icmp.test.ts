import { afterEach, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Event, EventState } from "@watchpost/proto";
import { pino } from "pino";
import { scratchDir, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { configSchema } from "../config/index.ts";
import { openIcmpSocket } from "../device/icmp/index.ts";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { TestHub } from "../link/test-hub.fixture.ts";
import { startCollector } from "./index.ts";

const SITE = "run-icmp";
const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** A host that is there, whose agent is not: the port takes questions and says nothing. */
async function silentAgent(name: string, address: string) {
  const socket = await Bun.udpSocket({ hostname: address, port: 0 });
  opened.push(() => socket.close());
  return { name, address, port: socket.port, credential: "c" };
}

async function until<T>(what: string, read: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${what}`);
    await Bun.sleep(50);
  }
}

test("echoes over IPv4 and IPv6 become samples in the store, and tell a silent agent from a dead host", async () => {
  const icmp = openIcmpSocket();
  if (icmp.kind === "unavailable") {
    expect(icmp.message).toMatch(/CAP_NET_RAW|Linux/);
    return;
  }
  const addresses = { old: "127.0.0.1", new: "::1" };
  const pinged = Object.entries(addresses).filter(([, address]) => icmp.socket.canSend(address));
  icmp.socket.close();
  const devices = await Promise.all(pinged.map(([name, address]) => silentAgent(name, address)));
  const authority = await createTestAuthority();
  const hub = new TestHub(authority);
  await hub.start();
  opened.push(() => hub.kill());
  const storeUrl = await testVictoriaMetrics();
  const config = configSchema.parse({
    name: "edge1",
    dataDir: join(scratchDir("icmp"), "collector"),
    status: { port: 0 },
    credentials: [{ name: "c", version: "v2c", community: "public" }],
    devices,
    poll: { intervalMs: 1_000, timeoutMs: 100, retries: 0 },
    ping: { loopback: true, intervalMs: 5_000, count: 2 },
    remoteWrite: { url: `${storeUrl}/api/v1/write` },
  });
  mkdirSync(join(config.dataDir, "identity"), { recursive: true });
  await authority.identity(join(config.dataDir, "identity"), { site: SITE, linkAddress: hub.address });
  const log = pino({ level: "silent" });
  const collector = await startCollector({ config, env: {}, log, random: () => 0.01 });
  opened.push(() => collector.stop());

  const events = (): Event[] => [...hub.committed.values()].flat();
  for (const { name } of devices) {
    const down = await until(`the event of ${name}`, () =>
      events().find((one) => one.fingerprint === `device-down/${name}` && one.state === EventState.FIRING),
    );
    expect(down.attributes).toMatchObject({ host_answers: "true" });
    expect(down.summary).toContain("the host answers ping");
    const loss = await until(`echoes of ${name}`, () => latest(storeUrl, "device_icmp_loss_ratio", name));
    const trip = await until(`round trip of ${name}`, () => latest(storeUrl, "device_icmp_round_trip_seconds", name));
    expect(loss).toBe(0);
    expect(trip).toBeGreaterThanOrEqual(0);
    expect(trip).toBeLessThan(1);
  }
}, 60_000);

async function latest(storeUrl: string, metric: string, device: string): Promise<number | undefined> {
  const query = new URLSearchParams({ query: `${metric}{site="${SITE}",device="${device}"}` });
  const answer = await (await fetch(`${storeUrl}/api/v1/query?${query}`)).json();
  const { data } = answer as { data: { result: { value: [number, string] }[] } };
  const value = data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}
