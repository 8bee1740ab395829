import { afterAll, beforeAll, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { bus, events, incidents } from "@watchpost/db/schema";
import { EventKind, EventState, Severity, VerdictSchema } from "@watchpost/proto";
import { asc, eq } from "drizzle-orm";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { getIncident } from "./get.ts";
import { listIncidents } from "./list.ts";
import { makeScene } from "./scene.fixture.ts";
import { settleIncidents } from "./settle.ts";

const { CLEARED, MOMENT } = EventState;
let database: TestDatabase;
let scenes = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function newScene() {
  scenes += 1;
  const site = `site-${scenes}`;
  const scene = await makeScene(database.db, site);
  const open = () => listIncidents(scene.system, { site, status: "open" }).then((page) => page.incidents);
  const all = () => listIncidents(scene.system, { site }).then((page) => page.incidents);
  return { ...scene, open, all };
}

test("an uplink down opens one incident that names device and fault, and repeats only count", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"), event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  const [incident, ...others] = await open();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    title: "core-sw1 uplink Te1/1 down",
    device: "core-sw1",
    eventCount: 3,
    openCount: 1,
  });
  expect(incident).toMatchObject({ status: "new", severity: "error", priority: "P1", revision: 1 });
});

test("both ends of one cable are one incident, named for the uplink end whichever comes first", async () => {
  for (const order of [
    ["core-sw1 Te1/2", "dist-sw1 Te1/49"],
    ["dist-sw1 Te1/49", "core-sw1 Te1/2"],
  ]) {
    const { send, event, open } = await newScene();
    for (const place of order) await send(event(EventKind.INTERFACE_DOWN, place));
    expect((await open()).map((i) => [i.title, i.openCount])).toEqual([["dist-sw1 uplink Te1/49 down", 2]]);
  }
});

test("devices behind a failed uplink join its incident when their events come first, in batches of their own", async () => {
  const { send, event, open, all, system } = await newScene();
  await send(event(EventKind.DEVICE_DOWN, "rtr1"));
  expect((await open())[0]?.title).toBe("rtr1 not reachable");
  await send(event(EventKind.DEVICE_DOWN, "fw1"));
  expect((await open())[0]?.title).toBe("fw1 not reachable");
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  const [incident, ...others] = await open();
  expect(others).toEqual([]);
  expect(await all()).toHaveLength(1);
  expect(incident).toMatchObject({
    title: "core-sw1 uplink Te1/1 down",
    openCount: 3,
    deviceCount: 3,
    severity: "critical",
  });
  const { problems, timeline } = await getIncident(system, `INC-${incident!.number}`);
  expect(problems[0]?.fingerprint).toBe("interface-down/core-sw1/Te1/1");
  expect(timeline.map((entry) => entry.text)).toContain("Now seen as: core-sw1 uplink Te1/1 down");
});

test("incidents that turn out to have one cause are merged into the older one", async () => {
  const { send, event, open, all } = await newScene();
  await send(event(EventKind.DEVICE_DOWN, "ap1"));
  await send(event(EventKind.DEVICE_DOWN, "acc-sw2"));
  expect(await open()).toHaveLength(2);
  await send(event(EventKind.DEVICE_DOWN, "dist-sw1"), event(EventKind.DEVICE_DOWN, "acc-sw1"));
  const [incident, ...others] = await open();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ title: "dist-sw1 not reachable", openCount: 4 });
  const merged = (await all()).find((i) => i.id !== incident!.id);
  expect(merged).toMatchObject({ status: "resolved", mergedInto: incident!.id, openCount: 0 });
});

test("a storm behind one switch in one batch is one incident, whatever the order", async () => {
  const { send, event, all } = await newScene();
  const down = ["ap1", "acc-sw1", "acc-sw2", "dist-sw1"].map((name) => event(EventKind.DEVICE_DOWN, name));
  await send(...down, event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/2"));
  expect((await all()).map((i) => [i.title, i.openCount])).toEqual([["core-sw1 Te1/2 to dist-sw1 down", 5]]);
});

test("a fault elsewhere, or one on the same site long after, is an incident of its own", async () => {
  const { send, event, open, clock } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  await send(event(EventKind.THRESHOLD, "acc-sw3 cpu", { summary: "cpu_usage_ratio 0.97 above 0.9" }));
  clock.ms += 600_000;
  await send(event(EventKind.DEVICE_DOWN, "acc-sw4"));
  expect((await open()).map((i) => i.title).toSorted()).toEqual([
    "acc-sw3 cpu_usage_ratio 0.97 above 0.9",
    "acc-sw4 not reachable",
    "core-sw1 uplink Te1/1 down",
  ]);
});

test("what the site's triage explains by another event joins that event's incident at any time", async () => {
  const { send, event, open, clock } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/3"));
  clock.ms += 3_600_000;
  const verdict = create(VerdictSchema, { severity: Severity.ERROR, explainedBy: "interface-down/core-sw1/Te1/3" });
  await send(event(EventKind.DEVICE_SLOW, "acc-sw3", { verdict }));
  expect((await open()).map((i) => [i.title, i.openCount])).toEqual([["core-sw1 Te1/3 to dist-sw2 down", 2]]);
});

test("a port that its site explains by the silent device behind it is still named first: it is the cable that was seen", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.DEVICE_DOWN, "fw1"));
  const verdict = create(VerdictSchema, { severity: Severity.CRITICAL, explainedBy: "device-down/fw1" });
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { verdict }));
  expect((await open()).map((i) => i.title)).toEqual(["core-sw1 uplink Te1/1 down"]);
});

test("a device that two neighbours lost at once is the root, not one of its cables", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/2"), event(EventKind.INTERFACE_DOWN, "acc-sw1 Gi1/49"));
  await send(event(EventKind.DEVICE_DOWN, "dist-sw1"));
  expect((await open()).map((i) => [i.title, i.openCount])).toEqual([["dist-sw1 not reachable", 3]]);
});

test("an incident resolves by itself when its last problem ends, and keeps its name on the way", async () => {
  const { send, event, all, system } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"), event(EventKind.DEVICE_DOWN, "fw1"));
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { state: CLEARED, summary: "Te1/1 is up" }));
  expect((await all())[0]).toMatchObject({ title: "core-sw1 uplink Te1/1 down", status: "new", openCount: 1 });
  await send(event(EventKind.DEVICE_DOWN, "fw1", { state: CLEARED }));
  const [incident] = await all();
  expect(incident).toMatchObject({ title: "core-sw1 uplink Te1/1 down", status: "resolved", openCount: 0 });
  const { timeline } = await getIncident(system, incident!.id);
  expect(timeline.at(-1)).toMatchObject({
    kind: "resolved",
    text: "Resolved by itself: nothing stands any more",
    user: null,
  });
});

test("a flap reopens the incident of a moment ago; after the window it is a new one", async () => {
  const { send, event, all, clock } = await newScene();
  const down = () => send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  const up = () => send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { state: CLEARED }));
  await down();
  await up();
  clock.ms += 60_000;
  expect((await down()).reopened).toHaveLength(1);
  expect(await all()).toHaveLength(1);
  expect((await all())[0]).toMatchObject({ status: "new", openCount: 1, resolvedAt: null });
  await up();
  expect((await send(event(EventKind.INTERFACE_FLAPPING, "core-sw1 Te1/1"))).reopened).toHaveLength(1);
  expect((await all())[0]).toMatchObject({ title: "core-sw1 uplink Te1/1 flapping", status: "new" });
  await send(event(EventKind.INTERFACE_FLAPPING, "core-sw1 Te1/1", { state: CLEARED }));
  clock.ms += 3_600_000;
  expect((await down()).opened).toHaveLength(1);
  expect(await all()).toHaveLength(2);
});

test("moments of no weight are stored as evidence and open nothing; a reboot joins what just stood on its device", async () => {
  const { send, event, all, system, source } = await newScene();
  const info = { state: MOMENT, severity: Severity.INFO };
  await send(event(EventKind.CONFIG_CHANGE, "core-sw1", info), event(EventKind.COUNTER_RESET, "core-sw1", info));
  expect(await all()).toEqual([]);
  const stored = await database.db
    .select()
    .from(events)
    .where(eq(events.siteId, source.siteId))
    .orderBy(asc(events.seq));
  expect(stored.map((row) => row.kind)).toEqual(["config-change", "counter-reset"]);

  await send(event(EventKind.DEVICE_DOWN, "acc-sw1"));
  await send(
    event(EventKind.DEVICE_DOWN, "acc-sw1", { state: CLEARED }),
    event(EventKind.DEVICE_REBOOT, "acc-sw1", { state: MOMENT, severity: Severity.WARNING }),
  );
  const [incident, ...others] = await all();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ title: "acc-sw1 not reachable", status: "resolved" });
  const { problems } = await getIncident(system, incident!.number);
  expect(problems.map((p) => [p.kind, p.state])).toContainEqual(["device-reboot", "moment"]);

  await send(event(EventKind.DEVICE_REBOOT, "dist-sw2", { state: MOMENT, severity: Severity.WARNING }));
  expect((await all())[0]).toMatchObject({ title: "dist-sw2 rebooted", status: "new", openCount: 0 });
});

test("a trap that deserves an incident and the problem that a poll makes of it are one, named for the problem", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.TRAP, "core-sw1", { state: MOMENT, severity: Severity.ERROR }));
  expect(await open()).toHaveLength(1);
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  expect((await open()).map((i) => i.title)).toEqual(["core-sw1 uplink Te1/1 down"]);
});

test("a trap after a fault that is over does not bring that one back for the next fault of the device", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.SENSOR, "core-sw1 Fan 1"));
  await send(event(EventKind.SENSOR, "core-sw1 Fan 1", { state: CLEARED }));
  await send(event(EventKind.TRAP, "core-sw1 Te1/1", { state: MOMENT, severity: Severity.WARNING }));
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  expect((await open()).map((i) => [i.title, i.eventCount])).toEqual([["core-sw1 uplink Te1/1 down", 1]]);
});

test("time settles what no event ends: a lone reboot resolves, a root that ended gives its name to what still stands", async () => {
  const { send, event, all, clock, system } = await newScene();
  await send(event(EventKind.DEVICE_REBOOT, "dist-sw2", { state: MOMENT, severity: Severity.WARNING }));
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"), event(EventKind.DEVICE_DOWN, "fw1"));
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { state: CLEARED }));
  await settleIncidents(system);
  expect((await all()).map((i) => [i.title, i.status])).toEqual([
    ["core-sw1 uplink Te1/1 down", "new"],
    ["dist-sw2 rebooted", "new"],
  ]);
  clock.ms += 601_000;
  await settleIncidents(system);
  expect((await all()).map((i) => [i.title, i.status])).toEqual([
    ["fw1 not reachable", "new"],
    ["dist-sw2 rebooted", "resolved"],
  ]);
});

test("a later verdict raises the severity and never lowers it", async () => {
  const { send, event, open } = await newScene();
  const fan = event(EventKind.SENSOR, "core-sw1 fan-1", { severity: Severity.WARNING });
  await send(fan);
  const opinion = (severity: Severity) =>
    event(EventKind.VERDICT, "core-sw1 fan-1", {
      state: MOMENT,
      severity: Severity.INFO,
      refersToSeq: fan.seq,
      verdict: create(VerdictSchema, { severity, source: "ollama", model: "m" }),
    });
  await send(opinion(Severity.CRITICAL));
  expect((await open())[0]).toMatchObject({ severity: "critical", priority: "P0" });
  await send(opinion(Severity.INFO));
  expect((await open())[0]).toMatchObject({ severity: "critical", priority: "P0" });
});

test("hostile text is cut and stored, never refused: NUL, half a surrogate, a clock in the far future", async () => {
  const { send, event, open } = await newScene();
  const summary = `bad\0\u0007 ${"x".repeat(5_000)}`;
  await send(
    event(EventKind.SYSLOG, "acc-sw1 app", {
      summary,
      attributes: { "k\0": "\ud83d" },
      observedAtMs: 9_000_000_000_000_000n,
    }),
  );
  const [incident] = await open();
  expect(incident?.title.length).toBeLessThanOrEqual(160);
  expect(incident?.title).not.toContain("\0");
});

test("concurrent batches of one site make one incident and lose nothing", async () => {
  const { send, event, all } = await newScene();
  await Promise.all(Array.from({ length: 8 }, () => send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"))));
  expect((await all()).map((i) => [i.eventCount, i.openCount])).toEqual([[8, 1]]);
});

test("a problem that ended and stands again asks for a new analysis: the old one was made without it", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"), event(EventKind.DEVICE_DOWN, "fw1"));
  const [incident] = await open();
  await send(event(EventKind.DEVICE_DOWN, "fw1", { state: CLEARED }));
  await send(event(EventKind.DEVICE_DOWN, "fw1"));
  const messages = await database.db.select().from(bus).where(eq(bus.key, incident!.id)).orderBy(asc(bus.id));
  expect(messages.map((m) => m.payload["change"])).toEqual(["opened", "updated", "grown"]);
});

test("every change of an incident reaches the bus in the transaction that made it", async () => {
  const { send, event, open } = await newScene();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  const [incident] = await open();
  await send(event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { state: CLEARED }));
  const messages = await database.db.select().from(bus).where(eq(bus.key, incident!.id)).orderBy(asc(bus.id));
  expect(messages.map((m) => [m.topic, m.payload["change"], m.payload["status"]])).toEqual([
    ["incident", "opened", "new"],
    ["incident", "resolved", "resolved"],
  ]);
  expect(await database.db.select().from(incidents).where(eq(incidents.id, incident!.id))).toHaveLength(1);
});
