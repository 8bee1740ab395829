import { afterAll, beforeAll, expect, test } from "bun:test";
import { auditLog } from "@watchpost/db/schema";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { HubError } from "../error.ts";
import {
  acknowledgeIncident,
  assignIncident,
  commentIncident,
  getIncident,
  listIncidents,
  reopenIncident,
  resolveIncident,
  silenceIncident,
  startProgress,
} from "./index.ts";
import { makeScene } from "./scene.fixture.ts";
import { settleIncidents } from "./settle.ts";

let database: TestDatabase;
let scenes = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function oneIncident() {
  scenes += 1;
  const scene = await makeScene(database.db, `verbs-${scenes}`);
  const { opened } = await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  return { scene, incidentId: opened[0]!, ana: await scene.person("Ana"), ben: await scene.person("Ben") };
}

const minuteOf = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof HubError ? error.code : String(error)),
  );

test("of two people who acknowledge at once one wins, and the other learns who", async () => {
  const { incidentId, ana, ben } = await oneIncident();
  const results = await Promise.all([
    acknowledgeIncident(ana, { incidentId }),
    acknowledgeIncident(ben, { incidentId }),
  ]);
  const winner = results.find((r) => r.kind === "acknowledged");
  const loser = results.find((r) => r.kind === "already-claimed");
  expect(winner?.incident.assignee?.name).toBe(results[0].kind === "acknowledged" ? "Ana" : "Ben");
  expect(loser).toMatchObject({ by: winner?.incident.assignee?.name });
  expect(loser?.incident.status).toBe("acknowledged");
});

test("a change on an old revision is refused with the incident as it is and the name of who changed it", async () => {
  const { incidentId, ana, ben } = await oneIncident();
  await acknowledgeIncident(ana, { incidentId });
  const refused = await startProgress(ben, { incidentId, revision: 1 });
  expect(refused).toMatchObject({ kind: "stale", by: "Ana", incident: { revision: 2, status: "acknowledged" } });
  expect(await startProgress(ben, { incidentId, revision: 2 })).toMatchObject({
    kind: "changed",
    incident: { status: "in_progress", assignee: { name: "Ben" } },
  });
});

test("the life of an incident stands on its timeline and in the audit log", async () => {
  const { incidentId, ana, ben, scene } = await oneIncident();
  await acknowledgeIncident(ana, { incidentId });
  await assignIncident(ana, { incidentId, userId: ben.actor.userId });
  await startProgress(ben, { incidentId });
  await commentIncident(ben, { incidentId, text: "  the fibre was bent " });
  await resolveIncident(ben, { incidentId, reason: "fibre replaced" });
  expect(await silenceIncident(ben, { incidentId, reason: "too late" })).toMatchObject({
    kind: "wrong-status",
    by: "Ben",
  });
  await reopenIncident(ana, { incidentId });
  await silenceIncident(ana, { incidentId, reason: "planned work" });
  const { timeline, incident } = await getIncident(ana, incidentId);
  expect(incident).toMatchObject({ status: "silenced", assignee: null });
  expect(timeline.map((entry) => [entry.kind, entry.text, entry.user?.name ?? null])).toEqual([
    ["opened", "core-sw1 uplink Te1/1 down", null],
    ["acknowledged", "Acknowledged", "Ana"],
    ["assigned", "Assigned to Ben", "Ana"],
    ["started", "Work started", "Ben"],
    ["comment", "the fibre was bent", "Ben"],
    ["resolved", "Resolved by hand: fibre replaced", "Ben"],
    ["reopened", "Reopened by hand", "Ana"],
    ["silenced", `Silenced: planned work (until ${minuteOf(scene.clock.ms + 86_400_000)} UTC)`, "Ana"],
  ]);
  const audited = await scene.system.db.select().from(auditLog).where(eq(auditLog.entityId, incidentId));
  expect(audited).toHaveLength(7);
  expect(audited[0]?.actor).toBe(`person:${ana.actor.email}`);
});

test("a silence ends when its time is over, or earlier when the incident gets worse, and never lasts for ever", async () => {
  const { scene, incidentId, ana } = await oneIncident();
  const now = async () => (await getIncident(ana, incidentId)).incident;
  const untilMs = scene.clock.ms + 3_600_000;
  expect(await codeOf(silenceIncident(ana, { incidentId, reason: "x", untilMs: scene.clock.ms }))).toBe("bad-request");
  expect(await codeOf(silenceIncident(ana, { incidentId, reason: "x", untilMs: untilMs * 2 }))).toBe("bad-request");
  await silenceIncident(ana, { incidentId, reason: "planned work", untilMs });
  expect(await now()).toMatchObject({ status: "silenced", silencedUntil: new Date(untilMs) });
  scene.clock.ms = untilMs - 1;
  await settleIncidents(scene.system);
  await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  expect(await now()).toMatchObject({ status: "silenced" });
  scene.clock.ms = untilMs;
  await settleIncidents(scene.system);
  expect(await now()).toMatchObject({ status: "new", silencedUntil: null });

  await silenceIncident(ana, { incidentId, reason: "still planned" });
  await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { severity: Severity.CRITICAL }));
  expect(await now()).toMatchObject({ status: "new", severity: "critical", silencedUntil: null });
  const { timeline } = await getIncident(ana, incidentId);
  expect(timeline.filter((entry) => entry.kind === "reopened").map((entry) => entry.text)).toEqual([
    "Silenced no more: its time is over",
    "Silenced no more: it rose to critical",
  ]);
});

test("an incident resolved by hand reopens when its problem is reported again, and still resolves by itself", async () => {
  const { incidentId, ana, scene } = await oneIncident();
  await resolveIncident(ana, { incidentId });
  await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  expect((await getIncident(ana, incidentId)).incident).toMatchObject({ status: "new", openCount: 1, eventCount: 2 });
  await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1", { state: EventState.CLEARED }));
  expect((await getIncident(ana, incidentId)).incident.status).toBe("resolved");
});

test("a viewer reads and changes nothing; what is not there is not found; an empty comment is refused", async () => {
  const { incidentId, ana, scene } = await oneIncident();
  const viewer = await scene.person("Vic", "viewer");
  expect((await getIncident(viewer, incidentId)).incident.id).toBe(incidentId);
  expect(await codeOf(acknowledgeIncident(viewer, { incidentId }))).toBe("forbidden");
  expect(await codeOf(getIncident(ana, "INC-999999"))).toBe("not-found");
  expect(await codeOf(getIncident(ana, "'; drop table"))).toBe("not-found");
  expect(await codeOf(resolveIncident(ana, { incidentId: Bun.randomUUIDv7() }))).toBe("not-found");
  expect(await codeOf(commentIncident(ana, { incidentId, text: " \n" }))).toBe("bad-request");
  expect(await codeOf(assignIncident(ana, { incidentId, userId: viewer.actor.userId }))).toBe("unprocessable");
});

test("lists page newest first without holes, and filter by site, status, severity and words taken literally", async () => {
  const scene = await makeScene(database.db, "lists");
  for (const place of ["core-sw1 Te1/1", "dist-sw2 Gi1/1", "acc-sw2 Gi1/9"]) {
    await scene.send(scene.event(EventKind.INTERFACE_DOWN, place));
    scene.clock.ms += 600_000;
  }
  const list = (input: Parameters<typeof listIncidents>[1]) => listIncidents(scene.system, { site: "lists", ...input });
  const first = await list({ limit: 2 });
  const second = await list({ limit: 2, cursor: first.nextCursor ?? undefined });
  const titles = [...first.incidents, ...second.incidents].map((i) => i.title);
  expect(titles).toEqual(["acc-sw2 Gi1/9 down", "dist-sw2 Gi1/1 to acc-sw3 down", "core-sw1 uplink Te1/1 down"]);
  expect(second.nextCursor).toBeNull();
  expect((await list({ search: "UPLINK" })).incidents).toHaveLength(1);
  expect((await list({ search: "%" })).incidents).toHaveLength(0);
  expect((await list({ search: `INC-${first.incidents[0]!.number}` })).incidents).toHaveLength(1);
  expect((await list({ severity: "critical" })).incidents).toHaveLength(0);
  expect((await list({ status: "open" })).incidents).toHaveLength(3);
  expect(await codeOf(list({ cursor: "1 or 1=1" }))).toBe("bad-request");
});
