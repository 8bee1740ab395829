import { afterEach, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Event, EventKind, EventState } from "@watchpost/proto";
import { pino } from "pino";
import { type Lab, startLab } from "../../packaging/lab/index.ts";
import { scratchDir, testEngine, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { type CollectorConfig, configSchema } from "../config/index.ts";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { TestHub } from "../link/test-hub.fixture.ts";
import { type RunningCollector, startCollector } from "./index.ts";

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const log = pino({ level: "silent" });

function start(config: CollectorConfig, env: Record<string, string> = {}): Promise<RunningCollector> {
  return startCollector({ config, env, log });
}

async function started(config: CollectorConfig): Promise<RunningCollector> {
  const collector = await start(config);
  opened.push(() => collector.stop());
  return collector;
}

async function labSite(): Promise<{ lab: Lab; dir: string; site: Record<string, unknown> }> {
  const dir = scratchDir("run");
  const lab = await startLab({ dir: join(dir, "lab"), seed: 11 });
  opened.push(() => lab.stop());
  const { credentials, devices, rules } = lab.siteConfig();
  const poll = { intervalMs: 1_000, timeoutMs: 400, retries: 0 };
  return { lab, dir, site: { credentials, devices, rules, poll } };
}

function configOf(dir: string, site: Record<string, unknown>): CollectorConfig {
  return configSchema.parse({ name: "edge1", dataDir: join(dir, "collector"), status: { port: 0 }, ...site });
}

/** A collector that is enrolled at a hub of the test's own, with a real store and a lab to watch. */
async function enrolledSite(siteName: string) {
  const { lab, dir, site } = await labSite();
  const authority = await createTestAuthority();
  const hub = new TestHub(authority);
  await hub.start();
  opened.push(() => hub.kill());
  const storeUrl = await testVictoriaMetrics();
  const config = configOf(dir, { ...site, remoteWrite: { url: `${storeUrl}/api/v1/write` } });
  mkdirSync(join(config.dataDir, "identity"), { recursive: true });
  await authority.identity(join(config.dataDir, "identity"), { site: siteName, linkAddress: hub.address });
  const events = (): Event[] => [...hub.committed.values()].flat();
  return { lab, hub, config, storeUrl, events };
}

async function until<T>(
  what: string,
  read: () => T | undefined | Promise<T | undefined>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await Bun.sleep(50);
  }
}

const told = (events: Event[], state: EventState, fingerprint: string): Event | undefined =>
  events.find((event) => event.state === state && event.fingerprint === fingerprint);

test("a cut uplink reaches the hub with its cause first, and its end is told after a restart", async () => {
  const { lab, config, storeUrl, events, hub } = await enrolledSite("run-walk");
  const collector = await start(config);
  await until("all devices up", () => collector.status().devices.every((d) => d.state === "up") || undefined);
  await until("device_up of 26 devices in the store", async () => {
    const query = encodeURIComponent('count(device_up{site="run-walk",collector="c1"} == 1)');
    const body = (await (await fetch(`${storeUrl}/api/v1/query?query=${query}`)).json()) as {
      data: { result: { value: [number, string] }[] };
    };
    return body.data.result[0]?.value[1] === "26" || undefined;
  });
  await until("the hub knows the devices", () => hub.received.find((m) => m.case === "inventory" && m.value.whole));

  lab.inject("link-down", { device: "core-sw1", interface: "Te1/1" });
  const cause = "interface-down/core-sw1/Te1/1";
  const link = await until("the link", () => told(events(), EventState.FIRING, cause));
  const router = await until("the router behind it", () => told(events(), EventState.FIRING, "device-down/rtr1"));
  expect(link.verdict).toMatchObject({ explainedBy: "", source: "rules" });
  expect(router.verdict).toMatchObject({ explainedBy: cause });
  expect(router.seq).toBeGreaterThan(link.seq);
  expect(collector.status().firing.map((f) => f.fingerprint)).toContain(cause);

  const stopping = performance.now();
  await collector.stop();
  expect(performance.now() - stopping).toBeLessThan(5_000);
  lab.clear();
  await started(config);
  await until("the end of the link's event", () => told(events(), EventState.CLEARED, cause));
  await until("the end of the router's", () => told(events(), EventState.CLEARED, "device-down/rtr1"));
}, 60_000);

test("the hub's configuration replaces the local devices; a bad one is refused with its reason", async () => {
  const { hub, config, events } = await enrolledSite("run-push");
  const collector = await started(config);
  await until("the link", () => collector.status().link.isUp || undefined);
  hub.say({
    case: "config",
    value: { version: 7, yaml: "devices: [{ name: x, address: 127.0.0.1, credential: nobody }]" },
  });
  const results = () => hub.received.flatMap((m) => (m.case === "configResult" ? [m.value] : []));
  const refused = await until("a refusal", () => results()[0]);
  expect(refused).toMatchObject({
    version: 7,
    applied: false,
    reason: expect.stringContaining("devices[0].credential"),
  });
  expect(collector.status().devices).toHaveLength(26);

  const [device] = config.devices;
  const yaml = JSON.stringify({ poll: config.poll, devices: [{ ...device, name: "only" }], rules: [] });
  hub.say({ case: "config", value: { version: 8, yaml } });
  await until("an acceptance", () => results()[1]);
  expect(results()[1]).toMatchObject({ version: 8, applied: true });
  await until("the new device", () => collector.status().devices.find((d) => d.name === "only" && d.state === "up"));
  expect(collector.status()).toMatchObject({ config: { source: "hub", version: 8 }, devices: [{ name: "only" }] });
  expect(events().filter((event) => event.kind === EventKind.DEVICE_DOWN)).toEqual([]);
  await collector.stop();
  const again = await started(config);
  expect(again.status()).toMatchObject({ config: { source: "hub", version: 8 }, devices: [{ name: "only" }] });
}, 60_000);

test("with a local model its verdict follows the event, and refers to it", async () => {
  const { lab, config, events } = await enrolledSite("run-model");
  const engine = await testEngine();
  const collector = await start(
    { ...config, ollama: { model: engine.model, budgetMs: 20_000, queueMax: 8 } },
    { OLLAMA_HOST: engine.url },
  );
  opened.push(() => collector.stop());
  await until("all devices up", () => collector.status().devices.every((d) => d.state === "up") || undefined);
  lab.inject("fan-failure", { device: "dist-sw1" });
  const fan = await until("the fan", () => events().find((event) => event.kind === EventKind.SENSOR));
  const verdict = await until("the model", () =>
    events().find((e) => e.kind === EventKind.VERDICT && e.refersToSeq === fan.seq),
  );
  expect(verdict.verdict).toMatchObject({ source: "ollama", model: engine.model });
  expect(verdict.severity).toBeGreaterThanOrEqual(fan.severity);
  expect(verdict.verdict?.reasons.some((reason) => reason.startsWith(`${engine.model}: `))).toBe(true);
  expect(collector.status().model).toMatchObject({ name: engine.model, failed: 0 });
}, 60_000);

test("without a token it polls, keeps what it learns, and says what to do", async () => {
  const { dir, site } = await labSite();
  const collector = await started(configOf(dir, site));
  await until("samples", () => collector.status().samples.pending > 0 || undefined);
  const body: unknown = await (await fetch(`${collector.statusUrl}/status.json`)).json();
  expect(body).toMatchObject({ problems: [expect.stringContaining("set WATCHPOST_TOKEN or tokenFile")] });
}, 30_000);

test("a token that is no token stops the start, and leaves the folder free", async () => {
  const config = configOf(scratchDir("run-token"), {});
  const refusal = await start(config, { WATCHPOST_TOKEN: "hello" }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "malformed-token", message: expect.stringContaining("Copy it again") });
  await started(config);
});

test("a hub that cannot be reached is tried again while the site is watched", async () => {
  const config = configOf(scratchDir("run-unreachable"), {});
  const content = { a: "127.0.0.1:1", f: "0".repeat(64), i: "t1", s: "secret" };
  const token = `wp1.${Buffer.from(JSON.stringify(content)).toString("base64url")}`;
  const collector = await start(config, { WATCHPOST_TOKEN: token });
  opened.push(() => collector.stop());
  expect(collector.status()).toMatchObject({
    enrolment: { state: "not enrolled", message: expect.stringContaining("127.0.0.1:1") },
    link: { state: "enrolling", isUp: false },
  });
});

test("a second collector on the same folder is refused, and the first one stays", async () => {
  const config = configOf(scratchDir("run-twice"), {});
  const first = await started(config);
  const refusal = await start(config).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ message: expect.stringContaining("outbox/lock") });
  expect((await fetch(`${first.statusUrl}/healthz`)).status).toBe(200);
}, 30_000);

test("a status port that is taken stops the start", async () => {
  const first = await started(configOf(scratchDir("run-port"), {}));
  const port = Number(new URL(first.statusUrl).port);
  const refusal = await start(configOf(scratchDir("run-port"), { status: { port } })).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ message: expect.stringContaining(String(port)) });
});
