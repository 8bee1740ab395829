import { afterAll, expect, test } from "bun:test";
import { createSnmpEngine, Tag, type Target } from "../device/snmp/index.ts";
import { element, text, unsigned } from "../device/snmp/responder.fixture.ts";
import { COMMUNITY, startSnmpd } from "../device/snmp/snmpd.fixture.ts";
import { loadProfiles } from "../profile/index.ts";
import { startMadeUpDevice } from "./device.fixture.ts";
import { type Answered, newDeviceState, pollDevice } from "./index.ts";

const engine = createSnmpEngine();
const library = loadProfiles();
afterAll(() => engine.close());

function poller(target: Target) {
  const state = newDeviceState();
  return async (): Promise<Answered> => {
    const reading = await pollDevice({ engine, library, target, state, budgetMs: 10_000 });
    if (reading.kind !== "answered") throw new Error(JSON.stringify(reading));
    return reading;
  };
}

function snmpget(port: number, name: string): string {
  const { stdout } = Bun.spawnSync({
    cmd: ["snmpget", "-v2c", "-c", COMMUNITY, "-OnUeQv", `127.0.0.1:${port}`, name],
    env: { ...process.env, MIBS: "" },
  });
  return stdout.toString().trim();
}

test("a reading of a real snmpd says what snmpget says", async () => {
  const agent = await startSnmpd();
  const octets = (index: number) => BigInt(snmpget(agent.port, `1.3.6.1.2.1.31.1.1.1.6.${index}`));
  const before = octets(1);
  const reading = await poller(agent.target())();
  const after = octets(1);
  expect(reading.profile).toBe("net-snmp");
  expect(reading.system).toMatchObject({ name: "real-agent", description: "Watchpost test agent", vendor: "net-snmp" });
  expect(reading.discontinuity).toBe("first-poll");

  const loopback = reading.interfaces.find(({ index }) => index === 1);
  const raw = loopback?.counters.find(({ metric }) => metric === "if_in_octets_total");
  expect(raw?.bits).toBe(64);
  expect(before <= (raw?.raw ?? -1n) && (raw?.raw ?? -1n) <= after).toBe(true);
  expect(`"${loopback?.name}"`).toBe(snmpget(agent.port, "1.3.6.1.2.1.31.1.1.1.1.1"));

  const memory = reading.storages.find(({ kind }) => kind === "memory");
  const unitBytes = Number(snmpget(agent.port, "1.3.6.1.2.1.25.2.3.1.4.1"));
  expect(memory?.sizeBytes).toBe(Number(snmpget(agent.port, "1.3.6.1.2.1.25.2.3.1.5.1")) * unitBytes);
  expect(reading.storages.map(({ kind }) => kind)).toContain("disk");
  await agent.stop();
});

test("later polls ask less, and remember what moves slowly", async () => {
  const made = await startMadeUpDevice();
  const poll = poller(made.target());
  const first = await poll();
  const second = await poll();
  expect(second.requests).toBeLessThan(first.requests);
  expect(second.interfaces.map(({ alias }) => alias)).toEqual(["alias of ge1", "alias of ge2"]);
  expect(second.system).toMatchObject({ name: "made-up", objectId: "1.3.6.1.4.1.99999.1" });
  expect(second.discontinuity).toBe("none");
  made.stop();
});

test("a reboot is told by uptime or engine boots, and a clock that rolls over after 497 days is not one", async () => {
  const made = await startMadeUpDevice({ uptimeTicks: 2 ** 32 - 10 });
  const poll = poller(made.target());
  await poll();
  made.device.uptimeTicks = 20;
  expect((await poll()).discontinuity).toBe("none");
  made.device.uptimeTicks = 500_000;
  await poll();
  made.device.uptimeTicks = 3_000;
  expect((await poll()).discontinuity).toBe("reboot");
  made.device.engineBoots += 1;
  expect((await poll()).discontinuity).toBe("reboot");
  expect((await poll()).discontinuity).toBe("none");
  made.stop();
});

test("interfaces that moved to other indexes are named, with the alias that belongs to them", async () => {
  const made = await startMadeUpDevice();
  const poll = poller(made.target());
  await poll();
  for (const port of made.device.ports) port.index += 10;
  const reading = await poll();
  expect(reading.renumbered).toEqual([
    { name: "ge1", fromIndex: 1, toIndex: 11 },
    { name: "ge2", fromIndex: 2, toIndex: 12 },
  ]);
  expect(reading.interfaces.map(({ alias }) => alias)).toEqual(["alias of ge1", "alias of ge2"]);
  expect((await poll()).renumbered).toEqual([]);
  made.stop();
});

test("two interfaces of one name stay apart", async () => {
  const made = await startMadeUpDevice();
  for (const port of made.device.ports) port.name = "slot";
  expect((await poller(made.target())()).interfaces.map(({ name }) => name)).toEqual(["slot (1)", "slot (2)"]);
  made.stop();
});

const octetsByName = ({ interfaces }: Answered) =>
  new Map(interfaces.map(({ name, counters }) => [name, Number(counters[0]?.raw)]));

test("ports of one name keep their series by address, then by alias, when their indexes are dealt anew between two polls", async () => {
  const made = await startMadeUpDevice({
    ports: [1, 2, 3, 4].map((index) => ({
      index,
      name: "slot",
      octets: 1_000n * BigInt(index),
      alias: index === 3 ? "to the roof" : "",
      mac: index <= 2 ? [0x02, 0, 0, 0, 0, index] : [0, 0, 0, 0, 0, 0],
    })),
  });
  const { ports } = made.device;
  const poll = poller(made.target());
  const names = ["slot (02:00:00:00:00:01)", "slot (02:00:00:00:00:02)", "slot (to the roof)", "slot (4)"];
  expect([...octetsByName(await poll())]).toEqual(names.map((name, i) => [name, 1_000 * (i + 1)]));
  for (const deal of [
    [2, 1, 4, 3],
    [3, 4, 1, 2],
    [1, 2, 3, 4],
  ]) {
    for (const [i, port] of ports.entries()) {
      port.index = deal[i] ?? 0;
      port.octets += 1n;
    }
    const now = octetsByName(await poll());
    for (const [i, name] of names.slice(0, 3).entries())
      expect([name, now.get(name)]).toEqual([name, Number(ports[i]?.octets)]);
  }
  made.stop();
});

const sensor = (table: number, column: number, value: Uint8Array) => ({
  oid: `1.3.6.1.4.1.9.9.13.1.${table}.1.${column}.1006`,
  value,
});

test("the Cisco profile reads sensors, load and the time of the last configuration change", async () => {
  const made = await startMadeUpDevice({
    objectId: "1.3.6.1.4.1.9.1.2494",
    more: [
      sensor(3, 2, text("CPU temperature")),
      sensor(3, 3, element(Tag.Gauge32, 51)),
      sensor(3, 6, element(Tag.Integer, 1)),
      sensor(4, 2, text("Fan 1")),
      sensor(4, 3, element(Tag.Integer, 3)),
      sensor(5, 2, text("Power supply 2")),
      sensor(5, 3, element(Tag.Integer, 5)),
      { oid: "1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", value: element(Tag.Gauge32, 37) },
      { oid: "1.3.6.1.4.1.9.9.43.1.1.1.0", value: unsigned(Tag.TimeTicks, 77_000) },
    ],
  });
  const poll = poller(made.target());
  await poll();
  const reading = await poll();
  expect(reading.profile).toBe("cisco-ios");
  expect(reading.system).toMatchObject({ vendor: "Cisco", osVersion: "7.1(2)" });
  expect(reading.sensors).toEqual([
    { class: "temperature", name: "CPU temperature", value: 51, unit: "celsius", state: "ok" },
    { class: "fan", name: "Fan 1", value: null, unit: "", state: "failed" },
  ]);
  expect(reading.processors).toEqual([{ name: "1", usageRatio: 0.37 }]);
  expect(reading.metrics).toEqual([{ name: "config_last_changed_ticks", labels: {}, value: 77_000 }]);
  made.stop();
});

test("another device at the same address is recognised with the next poll", async () => {
  const made = await startMadeUpDevice();
  const poll = poller(made.target());
  expect((await poll()).profile).toBe("generic");
  made.device.objectId = "1.3.6.1.4.1.9.1.1";
  await poll();
  expect((await poll()).profile).toBe("cisco");
  made.stop();
});

test("a device without an answer is a reading too", async () => {
  const made = await startMadeUpDevice();
  made.stop();
  const target = made.target({ timeoutMs: 100 });
  const reading = await pollDevice({ engine, library, target, state: newDeviceState(), budgetMs: 1_000 });
  expect(reading).toMatchObject({ kind: "unanswered", device: "odd", reason: "refused" });
});

test("a device that falls silent in the middle has answered, and its reading says what it lacks", async () => {
  const made = await startMadeUpDevice({ answersMax: 1 });
  const poll = poller(made.target());
  const reading = await poll();
  expect(reading.incomplete).toContain("no SNMPv2c answer in 2 tries");
  expect(reading.system.name).toBe("made-up");
  expect(reading.interfaces).toEqual([]);
  made.device.answersMax = Number.POSITIVE_INFINITY;
  const whole = await poll();
  expect(whole.incomplete).toBeUndefined();
  expect(whole.interfaces.length).toBe(2);
  made.stop();
});
