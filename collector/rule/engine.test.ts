import { expect, test } from "bun:test";
import { EventKind, Severity } from "@watchpost/proto";
import { answered, device, neighbour, port, unanswered } from "../topology/reading.fixture.ts";
import { siteUnderTest } from "./site.fixture.ts";

const CORE = device("core", "core");
const FW = device("fw", "firewall");
const RTR = device("rtr", "router");
const ACC = device("acc", "access");

const coreUp = (atMs: number) =>
  answered("core", { takenAtMs: atMs, neighbours: [neighbour("Te1/1 > fw Gi0/1")], interfaces: [port("Te1/1")] });
const coreCut = (atMs: number) => answered("core", { takenAtMs: atMs, interfaces: [port("Te1/1", { operStatus: 2 })] });
const fwUp = (atMs: number) =>
  answered("fw", { takenAtMs: atMs, neighbours: [neighbour("Gi0/1 > core Te1/1"), neighbour("Gi0/2 > rtr Gi0/0")] });
const rtrUp = (atMs: number) => answered("rtr", { takenAtMs: atMs, neighbours: [neighbour("Gi0/0 > fw Gi0/2")] });

test("one poll without an answer asks for another at once and says nothing yet", async () => {
  const site = await siteUnderTest([ACC]);
  expect(await site.take(unanswered("acc"))).toEqual([]);
  expect(site.asked).toEqual([["acc"]]);
  expect(await site.take(unanswered("acc", 1_006_000))).toEqual(["firing device-down/acc"]);
  expect(site.events[0]).toMatchObject({
    kind: EventKind.DEVICE_DOWN,
    severity: Severity.ERROR,
    attributes: { reason: "timeout" },
  });
});

test("an answer between two lost polls starts the count anew", async () => {
  const site = await siteUnderTest([ACC]);
  expect(await site.take(unanswered("acc"), answered("acc"), unanswered("acc"))).toEqual([]);
});

test("a device that is down is told once, and its return with how long it was away", async () => {
  const site = await siteUnderTest([ACC]);
  await site.take(unanswered("acc", 1_000_000), unanswered("acc", 1_006_000));
  expect(await site.take(unanswered("acc", 1_030_000), unanswered("acc", 1_060_000))).toEqual([]);
  expect(await site.take(answered("acc", { takenAtMs: 1_240_000 }))).toEqual(["cleared device-down/acc"]);
  expect(site.events.at(-1)).toMatchObject({
    summary: "acc answers again after 4 min",
    attributes: { lasted_ms: "240000" },
  });
});

test("a device with a dead way is told after its cause, nearest to the collector first", async () => {
  const site = await siteUnderTest([CORE, FW, RTR]);
  await site.take(coreUp(1_000_000), fwUp(1_000_000), rtrUp(1_000_000));
  await site.take(unanswered("rtr", 1_030_000));
  expect(site.asked).toEqual([["rtr", "core", "fw"]]);
  expect(await site.take(unanswered("rtr", 1_036_000))).toEqual([]);
  expect(await site.take(unanswered("fw", 1_036_000), unanswered("fw", 1_042_000))).toEqual([]);
  expect(await site.take(coreCut(1_036_100))).toEqual([
    "firing interface-down/core/Te1/1",
    "firing device-down/fw",
    "firing device-down/rtr",
  ]);
});

test("a link that went down has its other end polled at once", async () => {
  const site = await siteUnderTest([CORE, FW]);
  await site.take(coreUp(1_000_000), fwUp(1_000_000), coreCut(1_030_000), coreCut(1_060_000));
  expect(site.asked).toEqual([["fw"]]);
});

test("an undecided neighbour holds the news no longer than two worst polls", async () => {
  const site = await siteUnderTest([CORE, FW, RTR]);
  await site.take(coreUp(1_000_000), fwUp(1_000_000), rtrUp(1_000_000));
  await site.take(unanswered("rtr", 1_030_000), unanswered("rtr", 1_036_000));
  site.clock.atMs += 13_000;
  await site.engine.tick();
  expect(site.events).toEqual([]);
  site.clock.atMs += 1_000;
  await site.engine.tick();
  expect(site.events.map((e) => e.fingerprint)).toEqual(["device-down/rtr"]);
});

test("a held device that answers after all is never told", async () => {
  const site = await siteUnderTest([CORE, FW]);
  await site.take(coreUp(1_000_000), fwUp(1_000_000));
  await site.take(unanswered("fw", 1_030_000), unanswered("fw", 1_036_000), fwUp(1_037_000), coreUp(1_037_000));
  site.clock.atMs += 60_000;
  await site.engine.tick();
  expect(site.events).toEqual([]);
});

test("a device that refuses our credentials is alive: a warning, and nothing behind it is explained by it", async () => {
  const site = await siteUnderTest([CORE]);
  const refused = { ...unanswered("core"), reason: "unauthenticated" as const };
  await site.take(refused, refused);
  expect(site.events[0]).toMatchObject({
    severity: Severity.WARNING,
    summary: "core (127.0.0.1) refuses our SNMP credentials",
  });
  expect([site.engine.isUnreadable("core"), site.engine.isDeviceDown("core")]).toEqual([true, false]);
});

test("a device that first refused us and then fell silent is told again, as dead", async () => {
  const site = await siteUnderTest([CORE]);
  const refused = { ...unanswered("core"), reason: "unauthenticated" as const };
  await site.take(refused, refused, refused);
  expect(await site.take(unanswered("core"), unanswered("core"))).toEqual(["firing device-down/core"]);
  expect(site.events.at(-1)).toMatchObject({
    severity: Severity.CRITICAL,
    summary: "core (127.0.0.1) does not answer",
  });
  expect(site.engine.isDeviceDown("core")).toBe(true);
});

test("what ended while the collector was away is ended after it came back", async () => {
  const site = await siteUnderTest([CORE]);
  await site.take(coreUp(1_000_000), coreCut(1_030_000));
  const later = await site.restart();
  expect(later.engine.isInterfaceDown("core", "Te1/1")).toBe(true);
  expect(await later.take(coreCut(1_500_000))).toEqual([]);
  expect(await later.take(coreUp(1_600_000))).toEqual(["cleared interface-down/core/Te1/1"]);
});

test("a port that went down while the collector was away is told", async () => {
  const site = await siteUnderTest([CORE]);
  await site.take(coreUp(1_000_000));
  const later = await site.restart();
  expect(await later.take(coreCut(1_500_000))).toEqual(["firing interface-down/core/Te1/1"]);
});

test("a device that left the configuration leaves no open event behind", async () => {
  const site = await siteUnderTest([CORE, ACC]);
  await site.take(unanswered("acc"), unanswered("acc", 1_006_000));
  await site.engine.configure({
    poll: { intervalMs: 30_000, timeoutMs: 2_000, retries: 2, inFlightMax: 9 },
    devices: [CORE],
    rules: [],
  });
  expect(site.events.at(-1)).toMatchObject({ fingerprint: "device-down/acc", state: 2 });
  expect(site.engine.firing()).toEqual([]);
  expect(await site.take(unanswered("acc"))).toEqual([]);
});

test("an event that could not be kept is told again with the next reading", async () => {
  const site = await siteUnderTest([CORE]);
  await site.take(coreUp(1_000_000));
  const push = site.events.push.bind(site.events);
  site.events.push = () => {
    throw new Error("outbox: disk full");
  };
  const refusal = await site.take(coreCut(1_030_000)).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ message: "events of core could not be kept, and are made again" });
  expect(site.engine.isInterfaceDown("core", "Te1/1")).toBe(false);
  site.events.push = push;
  expect(await site.take(coreCut(1_060_000))).toEqual(["firing interface-down/core/Te1/1"]);
});

test("an open event about a port that vanished ends after a day", async () => {
  const site = await siteUnderTest([CORE]);
  await site.take(coreUp(1_000_000), coreCut(1_030_000), answered("core", { takenAtMs: 1_060_000 }));
  expect(await site.take(answered("core", { takenAtMs: 87_000_000 }))).toEqual([]);
  expect(await site.take(answered("core", { takenAtMs: 87_500_000 }))).toEqual(["cleared interface-down/core/Te1/1"]);
});

test("a silent agent on a host that answers ping is no dead device, and cuts nothing off", async () => {
  const site = await siteUnderTest([ACC]);
  for (const atMs of [1_000_000, 1_006_000]) await site.take({ ...unanswered("acc", atMs), hostAnswers: true });
  expect(site.events[0]).toMatchObject({
    summary: "acc (127.0.0.1) has a silent SNMP agent; the host answers ping",
    severity: Severity.WARNING,
    attributes: { host_answers: "true" },
  });
  await site.take(unanswered("acc", 1_012_000));
  expect(site.events.at(-1)).toMatchObject({ summary: "acc (127.0.0.1) does not answer", severity: Severity.ERROR });
});
