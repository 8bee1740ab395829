import { expect, test } from "bun:test";
import { Severity } from "@watchpost/proto";
import type { SensorReading } from "../poll/reading.ts";
import { answered, device, neighbour, port } from "../topology/reading.fixture.ts";
import { siteUnderTest } from "./site.fixture.ts";

const ACC = device("acc", "access");
const DIST = device("dist", "distribution");

const ports = (atMs: number, ...interfaces: ReturnType<typeof port>[]) =>
  answered("acc", { takenAtMs: atMs, interfaces });

test("a port that was never up, or that its administrator closed, is no event", async () => {
  const site = await siteUnderTest([ACC]);
  const never = port("Gi1", { operStatus: 2 });
  const closed = port("Gi2", { adminStatus: 2, operStatus: 2 });
  expect(await site.take(ports(1_000_000, never, port("Gi2")), ports(1_030_000, never, closed))).toEqual([]);
});

test("a port goes down and comes up: one event with a start and an end", async () => {
  const site = await siteUnderTest([ACC]);
  const down = port("Gi1", { operStatus: 2 });
  expect(await site.take(ports(1_000_000, port("Gi1")), ports(1_030_000, down), ports(1_060_000, down))).toEqual([
    "firing interface-down/acc/Gi1",
  ]);
  expect(await site.take(ports(1_090_000, port("Gi1")))).toEqual(["cleared interface-down/acc/Gi1"]);
  expect(site.events.at(-1)?.summary).toBe("acc Gi1 is up again after 60 s");
});

test("a port that an incomplete reading lacks is not forgotten: that it is down afterwards is told", async () => {
  const site = await siteUnderTest([ACC]);
  const cut = answered("acc", { takenAtMs: 1_030_000, incomplete: "its time was over after 9 requests" });
  const down = ports(1_060_000, port("Gi1", { operStatus: 2 }));
  expect(await site.take(ports(1_000_000, port("Gi1")), cut, down)).toEqual(["firing interface-down/acc/Gi1"]);
});

test("closing a broken port ends its event", async () => {
  const site = await siteUnderTest([ACC]);
  await site.take(ports(1_000_000, port("Gi1")), ports(1_030_000, port("Gi1", { operStatus: 2 })));
  expect(await site.take(ports(1_060_000, port("Gi1", { adminStatus: 2, operStatus: 2 })))).toEqual([
    "cleared interface-down/acc/Gi1",
  ]);
});

test("severity of a port follows what is behind it", async () => {
  const site = await siteUnderTest([ACC, DIST, device("core", "core")]);
  await site.take(
    answered("core", { neighbours: [neighbour("Te1 > dist Te9")] }),
    answered("dist", { neighbours: [neighbour("Te9 > core Te1"), neighbour("Gi1 > acc Up1")] }),
    answered("acc", { neighbours: [neighbour("Up1 > dist Gi1")] }),
  );
  const names = [port("Up1"), port("Gi1"), port("Gi2", { alias: "cash desk" }), port("lo0", { type: 24 })];
  const broken = names.map((p) => ({ ...p, operStatus: 2 }));
  await site.take(ports(1_000_000, ...names), ports(1_030_000, ...broken));
  await site.take(answered("dist", { interfaces: [port("Te9"), port("Gi7")] }));
  await site.take(answered("dist", { interfaces: [port("Te9", { operStatus: 7 }), port("Gi7", { operStatus: 2 })] }));
  expect(site.events.map((e) => [e.summary, Severity[e.severity]])).toEqual([
    ["acc link Up1 to dist is down", "ERROR"],
    ["acc Gi1 is down", "INFO"],
    ["acc Gi2 is down (cash desk)", "WARNING"],
    ["dist link Te9 to core is down", "CRITICAL"],
    ["dist Gi7 is down", "ERROR"],
  ]);
});

test("a flapping port is one event until it was steady for half the window", async () => {
  const site = await siteUnderTest([ACC]);
  const told: string[] = [];
  for (let i = 0; i < 12; i += 1) {
    told.push(...(await site.take(ports(1_000_000 + i * 30_000, port("Gi1", { operStatus: i % 2 === 0 ? 1 : 2 })))));
  }
  expect(told.filter((t) => t.includes("flapping"))).toEqual(["firing interface-flapping/acc/Gi1"]);
  expect(told.slice(told.indexOf("firing interface-flapping/acc/Gi1") + 1)).toEqual(["cleared interface-down/acc/Gi1"]);
  const last = 1_000_000 + 11 * 30_000;
  expect(await site.take(ports(last + 150_000, port("Gi1", { operStatus: 2 })))).toEqual([]);
  expect(await site.take(ports(last + 180_000, port("Gi1", { operStatus: 2 })))).toEqual([
    "cleared interface-flapping/acc/Gi1",
    "firing interface-down/acc/Gi1",
  ]);
});

const BUSY = { name: "cpu-high", metric: "cpu_usage_ratio", above: 0.9, polls: 2 };
const cpu = (atMs: number) => answered("acc", { takenAtMs: atMs });

test("a threshold fires after its polls and ends inside the clear value", async () => {
  const site = await siteUnderTest([ACC], [BUSY]);
  const judge = (value: number) => site.takeNumbers(cpu(1_000_000), { "cpu_usage_ratio processor=1": value });
  expect(await judge(0.95)).toEqual([]);
  expect(await judge(0.5)).toEqual([]);
  expect(await judge(0.95)).toEqual([]);
  expect(await judge(0.96)).toEqual(["firing threshold/acc/1/cpu-high"]);
  expect(site.events[0]).toMatchObject({
    summary: "acc: cpu_usage_ratio of processor 1 is 0.96, above 0.9 (cpu-high)",
    attributes: { processor: "1", value: "0.96", above: "0.9" },
  });
  expect(await judge(0.88)).toEqual([]);
  expect(await judge(0.85)).toEqual(["cleared threshold/acc/1/cpu-high"]);
});

test("a number without labels is named by its metric", async () => {
  const site = await siteUnderTest([ACC], [{ name: "memory", metric: "memory_usage_ratio", above: 0.9, polls: 1 }]);
  expect(await site.takeNumbers(cpu(1_000_000), { memory_usage_ratio: 0.95 })).toEqual([
    "firing threshold/acc/memory_usage_ratio/memory",
  ]);
  expect(site.events[0]?.summary).toBe("acc: memory_usage_ratio is 0.95, above 0.9 (memory)");
});

test("a threshold below works the other way round, with a clear value of its own", async () => {
  const site = await siteUnderTest(
    [ACC],
    [{ name: "battery", metric: "sensor_value", below: 20, clear: 50, polls: 1 }],
  );
  const judge = (value: number) => site.takeNumbers(cpu(1_000_000), { "sensor_value sensor=bat class=battery": value });
  expect(await judge(19)).toEqual(["firing threshold/acc/bat/battery"]);
  expect(await judge(49)).toEqual([]);
  expect(await judge(50)).toEqual(["cleared threshold/acc/bat/battery"]);
});

test("a rate rule judges the change per second, and not a counter that started anew", async () => {
  const rule = { name: "errors", metric: "if_in_errors_total", above: 10, rate: true, polls: 1 };
  const site = await siteUnderTest([ACC], [rule]);
  const judge = (atMs: number, value: number) =>
    site.takeNumbers(cpu(atMs), { "if_in_errors_total interface=Gi1": value });
  expect(await judge(1_000_000, 5_000)).toEqual([]);
  expect(await judge(1_010_000, 5_050)).toEqual([]);
  expect(await judge(1_020_000, 5_200)).toEqual(["firing threshold/acc/Gi1/errors"]);
  expect(await judge(1_030_000, 10)).toEqual([]);
  expect(await judge(1_040_000, 10)).toEqual(["cleared threshold/acc/Gi1/errors"]);
});

test("an event of a rule that was taken away ends", async () => {
  const site = await siteUnderTest([ACC], [{ ...BUSY, polls: 1 }]);
  await site.takeNumbers(cpu(1_000_000), { "cpu_usage_ratio processor=1": 1 });
  await site.engine.configure({
    poll: { intervalMs: 30_000, timeoutMs: 2_000, retries: 2, inFlightMax: 9 },
    devices: [ACC],
    rules: [],
  });
  expect(await site.takeNumbers(cpu(1_030_000), { "cpu_usage_ratio processor=1": 1 })).toEqual([
    "cleared threshold/acc/1/cpu-high",
  ]);
});

const fan = (state: SensorReading["state"]): SensorReading => ({
  class: "fan",
  name: "Tray 1",
  value: 0,
  unit: "rpm",
  state,
});

test("a sensor that gets worse is told again, and unknown ends nothing", async () => {
  const site = await siteUnderTest([ACC]);
  const judge = (state: SensorReading["state"]) => site.take(answered("acc", { sensors: [fan(state)] }));
  expect(await judge("ok")).toEqual([]);
  expect(await judge("warning")).toEqual(["firing sensor/acc/Tray 1"]);
  expect(await judge("failed")).toEqual(["firing sensor/acc/Tray 1"]);
  expect(await judge("unknown")).toEqual([]);
  expect(await judge("ok")).toEqual(["cleared sensor/acc/Tray 1"]);
  expect(site.events[1]).toMatchObject({ summary: "acc: fan Tray 1 has failed at 0 rpm", severity: Severity.ERROR });
});

const system = answered("acc").system;
const booted = (atMs: number, uptimeMs: number, configTicks?: number) =>
  answered("acc", {
    takenAtMs: atMs,
    system: { ...system, uptimeTicks: uptimeMs / 10 },
    metrics: configTicks === undefined ? [] : [{ name: "config_last_changed_ticks", labels: {}, value: configTicks }],
  });

test("a reboot is a moment, and says that the counters started anew", async () => {
  const site = await siteUnderTest([ACC]);
  await site.take({ ...booted(1_000_000, 500_000), discontinuity: "first-poll" });
  expect(await site.take({ ...booted(1_030_000, 12_000), discontinuity: "reboot" })).toEqual([
    "moment device-reboot/acc",
    "moment counter-reset/acc",
  ]);
  expect(site.events[0]?.summary).toBe("acc rebooted 12 s ago");
});

test("a reboot while the collector was away is told; a restart of the collector alone and a wrap of sysUpTime are not", async () => {
  const start = { ...booted(1_000_000_000, 600_000_000), discontinuity: "first-poll" as const };
  const site = await siteUnderTest([ACC]);
  await site.take(start);
  const second = await site.restart();
  expect(await second.take({ ...booted(1_000_100_000, 600_100_000), discontinuity: "first-poll" })).toEqual([]);
  const wrapped = 600_200_000 - 2 ** 32 * 10;
  const third = await second.restart();
  expect(await third.take({ ...booted(1_000_200_000, wrapped), discontinuity: "first-poll" })).toEqual([]);
  const fourth = await third.restart();
  expect(await fourth.take({ ...booted(1_000_400_000, 90_000), discontinuity: "first-poll" })).toContain(
    "moment device-reboot/acc",
  );
});

test("a configuration that was changed is told, but not when the device rebooted with it", async () => {
  const site = await siteUnderTest([ACC]);
  await site.take(booted(1_000_000, 500_000, 100));
  expect(await site.take(booted(1_030_000, 530_000, 52_000))).toEqual(["moment config-change/acc"]);
  expect(site.events[0]?.summary).toBe("acc: its configuration was changed 10 s ago");
  expect(await site.take({ ...booted(1_060_000, 5_000, 40), discontinuity: "reboot" })).not.toContain(
    "moment config-change/acc",
  );
});

const octets = (raw: bigint, bits: 32 | 64, discontinuityTicks = 0) =>
  ports(1_000_000, port("Gi1", { discontinuityTicks, counters: [{ metric: "if_in_octets_total", raw, bits }] }));

test("counters that started anew on a running device are told; a 32-bit wrap is not", async () => {
  const site = await siteUnderTest([ACC]);
  expect(await site.take(octets(2n ** 54n, 64), octets(2n ** 54n + 1n, 64))).toEqual([]);
  expect(await site.take(octets(7n, 64))).toEqual(["moment counter-reset/acc/Gi1"]);
  expect(await site.take(octets(9n, 64, 4_400))).toEqual(["moment counter-reset/acc/Gi1"]);
  expect(await site.take(octets(4_294_967_000n, 32, 4_400), octets(5n, 32, 4_400))).toEqual([]);
});

const took = (durationMs: number, requests = 3) => answered("acc", { durationMs, requests });

test("a slow agent is named with the first poll that lasts beyond its budget", async () => {
  const site = await siteUnderTest([ACC]);
  expect(await site.take(took(1_200))).toEqual([]);
  expect(await site.take(took(7_200, 8))).toEqual(["firing device-slow/acc"]);
  expect(await site.take(took(3_600, 8), took(1_300))).toEqual([]);
  expect(await site.take(took(300))).toEqual(["cleared device-slow/acc"]);
});

test("one lost datagram makes no agent slow; two slow polls in a row do", async () => {
  const site = await siteUnderTest([ACC]);
  expect(await site.take(took(2_040), took(40), took(1_800))).toEqual([]);
  expect(await site.take(took(1_800))).toEqual(["firing device-slow/acc"]);
});

test("new interface indexes are one moment for the device", async () => {
  const site = await siteUnderTest([ACC]);
  const renumbered = [{ name: "Gi1", fromIndex: 1, toIndex: 11 }];
  expect(await site.take(answered("acc", { renumbered }))).toEqual(["moment interface-renumbered/acc"]);
  expect(site.events[0]?.attributes).toEqual({ interfaces: "1", moved: "Gi1 1->11" });
});

test("text of a device is one bounded line", async () => {
  const site = await siteUnderTest([ACC]);
  const alias = `\u001b[31m\u202e${"x".repeat(500)}\nevil`;
  await site.take(ports(1, port("Gi1", { alias })), ports(2, port("Gi1", { alias, operStatus: 2 })));
  expect(site.events[0]?.summary).toMatch(/^acc Gi1 is down \(\[31m x{100,}…\)$/);
});
