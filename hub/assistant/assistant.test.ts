import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { bus, evidence as evidenceTable, incidents, sessions } from "@watchpost/db/schema";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import { and, desc, eq } from "drizzle-orm";
import type { Published } from "../bus/index.ts";
import { systemClock } from "../context.ts";
import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { getIncident, incidentMessage } from "../incident/index.ts";
import { makeScene } from "../incident/scene.fixture.ts";
import { makeHub, runAssistant, type TestHub, until, uplinkDown } from "./assistant.fixture.ts";
import { DiagnosisResult, getSession, requestAnalysis, rerunEvidence, type RunningAssistant } from "./index.ts";

let testHub: TestHub;
let hub: Hub;
let assistant: RunningAssistant | undefined;
beforeAll(async () => {
  testHub = await makeHub();
  hub = testHub.hub;
}, 30_000);
afterEach(async () => {
  await assistant?.stop();
  assistant = undefined;
});
afterAll(() => testHub.close());

function insightsOf(site: string) {
  const seen: { message: Published; atMs: number }[] = [];
  const leave = hub.bus.subscribe((message) => {
    if (message.topic === "insight" && message.payload["site"] === site)
      seen.push({ message, atMs: performance.now() });
  });
  return { leave, mine: () => seen, steps: () => seen.map(({ message }) => String(message.payload["step"])) };
}

test("an uplink down is explained from evidence within five seconds, without any model", async () => {
  assistant = await runAssistant(hub);
  const scene = await uplinkDown(hub, "harbor");
  const insights = insightsOf("harbor");
  const { opened } = await scene.send(
    scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"),
    scene.event(EventKind.DEVICE_DOWN, "fw1"),
  );
  const committedMs = performance.now();
  const incidentId = opened[0]!;
  await until(() => insights.steps().includes("finished"), 10_000);
  insights.leave();
  const first = insights.mine().find(({ message }) => message.payload["step"] === "evidence");
  const cause = insights.mine().find(({ message }) => message.payload["step"] === "cause");
  expect(first!.atMs - committedMs).toBeLessThan(3_000);
  expect(cause!.atMs - committedMs).toBeLessThan(5_000);
  expect(insights.steps()[0]).toBe("started");

  const { diagnosis, evidence, timeline, incident } = await getIncident(scene.system, incidentId);
  expect(diagnosis).toMatchObject({
    source: "rules",
    tools_used: ["changes", "events", "metrics", "similar", "topology"],
  });
  expect(diagnosis?.note).toBeUndefined();
  const [top, ...others] = diagnosis!.root_cause.causes;
  expect(top).toMatchObject({ device: "core-sw1", interface: "Te1/1", fault: "site-uplink" });
  expect(top!.score).toBeGreaterThan(0.75);
  expect(others.map((c) => [c.device, c.fault])).toContainEqual(["fw1", "device-failure"]);
  expect(others.every((c) => c.score < top!.score)).toBe(true);
  expect(diagnosis?.root_cause.confidence).toBe(top!.score);
  const ids = new Set(evidence.map((row) => row.id));
  const cited = [...diagnosis!.root_cause.causes, ...diagnosis!.findings].flatMap((c) => c.evidence);
  expect(cited.length).toBeGreaterThan(5);
  expect(cited.every((id) => ids.has(id))).toBe(true);
  expect(diagnosis?.impact).toBe(
    "1 of 10 devices of harbor cannot be reached: fw1. Reached through it alone, so in doubt: rtr1.",
  );
  expect(timeline.at(-1)).toMatchObject({ kind: "diagnosis", text: diagnosis?.summary });
  const [row] = await hub.db.select().from(incidents).where(eq(incidents.id, incident.id));
  expect(DiagnosisResult.parse(row?.aiAnalysis)).toEqual(diagnosis!);
  expect(row?.recommendedActions.length).toBeGreaterThan(0);
  const [told] = await hub.db
    .select()
    .from(bus)
    .where(and(eq(bus.topic, "incident"), eq(bus.key, incident.id)))
    .orderBy(desc(bus.id))
    .limit(1);
  expect(told?.payload).toEqual(incidentMessage(incident, "diagnosed").payload);
  const link = (first!.message.payload["evidence"] as { id: string; url: string }[])[0];
  expect(link?.url).toBe(`http://hub.test:8080/evidence/${link?.id}`);
}, 20_000);

test("evidence holds the very query: asked directly, and asked again, the store gives the same numbers", async () => {
  assistant = await runAssistant(hub);
  const scene = await uplinkDown(hub, "quay");
  const { opened } = await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  await until(async () => (await getIncident(scene.system, opened[0]!)).diagnosis !== null, 10_000);
  const { evidence } = await getIncident(scene.system, opened[0]!);
  const status = evidence.find((row) => row.title === "core-sw1 Te1/1 interface status")!;
  expect(status.query).toBe('if_oper_status{site="quay",device="core-sw1",interface="Te1/1"}');
  expect(status.finding).toBe("core-sw1 Te1/1 is down (operational status 2), up before");
  const { startMs, endMs, stepS } = status.queryArguments as { startMs: number; endMs: number; stepS: number };
  const direct = await hub.metrics!.range({ query: status.query, startMs, endMs, stepS });
  expect((status.result as { series: unknown }).series).toEqual(direct);
  const traffic = evidence.find((row) => row.title === "core-sw1 Te1/1 interface in rate")!;
  expect((traffic.result as { summaries: { before: number }[] }).summaries[0]!.before).toBeCloseTo(10_000_000, -6);

  for (const row of evidence) {
    const { now } = await rerunEvidence({ ...scene.system, clock: systemClock }, hub, row.id);
    expect(now.query).toBe(row.query);
    if (row.tool === "metrics") expect(now.result).toEqual(row.result);
  }
  const unknown = await rerunEvidence(scene.system, hub, Bun.randomUUIDv7()).catch((error: unknown) => error);
  expect(unknown).toBeInstanceOf(HubError);
}, 20_000);

test("an incident committed while no assistant ran is caught up, and one job is made of many growths", async () => {
  const scene = await makeScene(hub.db, "pier");
  const { opened } = await scene.send(scene.event(EventKind.DEVICE_DOWN, "acc-sw1"));
  assistant = await runAssistant(hub);
  const analyses = () => hub.db.select().from(sessions).where(eq(sessions.incidentId, opened[0]!));
  await until(async () => (await analyses()).some((s) => s.status === "finished"), 10_000);
  for (const name of ["acc-sw2", "dist-sw1", "ap1"]) await scene.send(scene.event(EventKind.DEVICE_DOWN, name));
  await until(async () => (await analyses()).filter((s) => s.status === "finished").length === 2, 15_000);
  const { diagnosis } = await getIncident(scene.system, opened[0]!);
  expect(diagnosis?.root_cause.causes[0]).toMatchObject({ device: "dist-sw1", fault: "device-failure" });
  await Bun.sleep(1_500);
  expect(await analyses()).toHaveLength(2);
}, 30_000);

test("without a metrics store the analysis says so and still names a cause", async () => {
  const blind: Hub = { ...hub, metrics: undefined };
  const scene = await makeScene(hub.db, "dock");
  assistant = await runAssistant(blind);
  const info = { state: EventState.MOMENT, severity: Severity.INFO };
  await scene.send(scene.event(EventKind.CONFIG_CHANGE, "dist-sw2", info));
  const { opened } = await scene.send(
    scene.event(EventKind.THRESHOLD, "dist-sw2 cpu", {
      summary: "dist-sw2: cpu_usage_ratio of cpu is 0.97, above 0.9 (cpu-high)",
    }),
  );
  await until(async () => (await getIncident(scene.system, opened[0]!)).diagnosis !== null, 10_000);
  const { diagnosis, evidence } = await getIncident(scene.system, opened[0]!);
  expect(diagnosis?.root_cause.causes.map((c) => c.fault).toSorted()).toEqual(["config-change", "resource-exhaustion"]);
  expect(evidence.find((row) => row.tool === "metrics")?.finding).toContain("there is no metrics store");
}, 20_000);

test("a person may ask about a place without an incident; what cannot be asked is refused with the next step", async () => {
  const scene = await uplinkDown(hub, "mole");
  const ana = await scene.person("Ana");
  expect(await codeOf(requestAnalysis(ana, hub, { site: "mole", device: "core-sw1" }))).toBe("not-available");
  assistant = await runAssistant(hub);
  const { sessionId } = await requestAnalysis(ana, hub, {
    site: "mole",
    device: "core-sw1",
    interface: "Te1/1",
    aboutMs: scene.clock.ms,
    question: "why is it slow?",
  });
  await until(async () => (await getSession(ana, sessionId)).status === "finished", 10_000);
  const session = await getSession(ana, sessionId);
  expect(session).toMatchObject({ question: "why is it slow?", incidentId: null, error: "" });
  expect(session.diagnosis?.findings.length).toBeGreaterThan(3);
  expect(session.diagnosis?.summary).toStartWith("core-sw1 Te1/1: why is it slow? Most likely ");
  const quiet = await requestAnalysis(ana, hub, {
    site: (await makeScene(hub.db, "slip")).source.site,
    device: "acc-sw4",
  });
  await until(async () => (await getSession(ana, quiet.sessionId)).status === "finished", 10_000);
  expect((await getSession(ana, quiet.sessionId)).diagnosis?.summary).toBe("acc-sw4: the evidence shows no fault.");
  expect(await hub.db.select().from(evidenceTable).where(eq(evidenceTable.sessionId, sessionId))).toHaveLength(
    session.evidence.length,
  );
  expect(await codeOf(requestAnalysis(ana, hub, { question: "?" }))).toBe("bad-request");
  const waiting = Array.from({ length: 50 }, () => ({ id: Bun.randomUUIDv7(), origin: "request" }));
  await hub.db.insert(sessions).values(waiting);
  expect(await codeOf(requestAnalysis(ana, hub, { site: "mole", device: "core-sw1" }))).toBe("too-many-requests");
  await hub.db.update(sessions).set({ status: "failed" }).where(eq(sessions.status, "running"));
  expect(await codeOf(requestAnalysis(ana, hub, { incidentId: Bun.randomUUIDv7() }))).toBe("not-found");
  expect(await codeOf(requestAnalysis(await scene.person("Vic", "viewer"), hub, { site: "mole", device: "x" }))).toBe(
    "forbidden",
  );
}, 20_000);

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof HubError ? error.code : String(error)),
  );

test("devices that fall silent later renew the diagnosis, and one growth is one line", async () => {
  assistant = await runAssistant(hub);
  const scene = await makeScene(hub.db, "wharf");
  const { opened } = await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  const detail = () => getIncident(scene.system, opened[0]!);
  await until(async () => (await detail()).diagnosis !== null, 10_000);
  const first = (await detail()).diagnosis;
  expect(first?.impact).toBe(
    "core-sw1 concerned; no device is reported as unreachable. Reached through it alone, so in doubt: fw1, rtr1.",
  );
  await scene.send(scene.event(EventKind.DEVICE_DOWN, "fw1"), scene.event(EventKind.DEVICE_DOWN, "rtr1"));
  await until(async () => (await detail()).diagnosis?.impact !== first?.impact, 10_000);
  const { diagnosis, timeline } = await detail();
  expect(diagnosis?.impact).toBe("2 of 10 devices of wharf cannot be reached: fw1, rtr1.");
  expect(timeline.filter((entry) => entry.kind === "diagnosis").map((entry) => entry.text)).toEqual([
    ...new Set([first!.summary, diagnosis!.summary]),
  ]);
}, 30_000);

test("an analysis whose hub was killed is closed as failed and runs again long before it would expire", async () => {
  const scene = await makeScene(hub.db, "killed");
  const { opened } = await scene.send(scene.event(EventKind.DEVICE_DOWN, "acc-sw1"));
  const incidentId = opened[0]!;
  await (await runAssistant(hub, { publicUrl: "http://first" })).stop();
  // What a killed hub leaves behind: a session that runs, and a job in its hands without a sign of life.
  await hub.sql`delete from sre_assistant.diagnosis_history where incident_id = ${incidentId}`;
  await hub.db.update(sessions).set({ status: "running", finishedAt: null }).where(eq(sessions.incidentId, incidentId));
  await hub.sql`update watchpost_jobs.job set state = 'active', completed_on = null, started_on = now(), retry_count = 0,
    heartbeat_on = now() - interval '11 seconds' where singleton_key = ${`incident/${incidentId}`}`;
  assistant = await runAssistant(hub);
  const rows = () => hub.db.select().from(sessions).where(eq(sessions.incidentId, incidentId)).orderBy(sessions.id);
  await until(async () => (await rows()).at(-1)?.status === "finished" && (await rows()).length === 2, 20_000);
  expect((await rows()).map(({ status, error }) => ({ status, error }))).toEqual([
    { status: "failed", error: expect.stringContaining("the hub that ran it ended") },
    { status: "finished", error: "" },
  ]);
}, 40_000);
