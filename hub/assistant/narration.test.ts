import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { EventKind } from "@watchpost/proto";
import { diagnosisHistory } from "@watchpost/db/schema";
import { asc, eq } from "drizzle-orm";
import { type Engine, ownEngine, testEngine } from "../../packaging/parts/index.ts";
import type { Hub } from "../hub.ts";
import { getIncident } from "../incident/index.ts";
import { makeHub, runAssistant, type TestHub, until, uplinkDown } from "./assistant.fixture.ts";
import type { AssistantOptions, RunningAssistant } from "./index.ts";
import { NARRATION_LIMITS } from "./model/index.ts";
import { type Answer, ollamaServer, openAiServer, type WireServer } from "./model/wire.fixture.ts";

let testHub: TestHub;
let hub: Hub;
let assistant: RunningAssistant | undefined;
let wire: WireServer | undefined;
let sites = 0;
beforeAll(async () => {
  testHub = await makeHub();
  hub = testHub.hub;
}, 30_000);
afterEach(async () => {
  await assistant?.stop();
  await wire?.stop();
});
afterAll(() => testHub.close());

const LIMITS = { ...NARRATION_LIMITS, deadlineMs: 2_000, idleMs: 700 };

/** An uplink down, looked into with this model. */
async function explained(options: Partial<AssistantOptions>, onRanked?: () => Promise<void>) {
  assistant = await runAssistant(hub, { narrationLimits: LIMITS, ...options });
  sites += 1;
  const scene = await uplinkDown(hub, `told-${sites}`);
  const messages: Record<string, unknown>[] = [];
  const leave = hub.bus.subscribe((m) => {
    if (m.topic === "insight") messages.push(m.payload);
  });
  const ranked = () => messages.some((m) => m["step"] === "cause");
  const { opened } = await scene.send(scene.event(EventKind.INTERFACE_DOWN, "core-sw1 Te1/1"));
  await until(ranked, 15_000);
  await onRanked?.();
  await until(() => messages.some((m) => m["step"] === "finished"), 30_000);
  leave();
  const detail = await getIncident(scene.system, opened[0]!);
  const rows = await hub.db
    .select()
    .from(diagnosisHistory)
    .where(eq(diagnosisHistory.incidentId, opened[0]!))
    .orderBy(asc(diagnosisHistory.createdAt), asc(diagnosisHistory.id));
  return { ...detail, diagnosis: detail.diagnosis!, rows, messages };
}

async function openAi(...answers: Answer[]): Promise<Partial<AssistantOptions>> {
  wire = await openAiServer(...answers);
  return { openaiBaseUrl: wire.url, openaiApiKey: "k", openaiModel: "test-model" };
}

async function ollama(...answers: Answer[]): Promise<Partial<AssistantOptions>> {
  wire = await ollamaServer(...answers);
  return { ollamaHost: wire.url, ollamaModel: "test-model" };
}

/** Wants nothing cut short: a real engine on a busy machine. */
const PATIENT = { ...NARRATION_LIMITS, deadlineMs: 25_000, idleMs: 20_000 };

function throughEngine(name: "openai" | "ollama", engine: Engine): Partial<AssistantOptions> {
  return name === "openai"
    ? { openaiBaseUrl: engine.openAiUrl, openaiApiKey: "k", openaiModel: engine.model }
    : { ollamaHost: engine.url, ollamaModel: engine.model };
}

for (const [name, model] of [
  ["openai", openAi],
  ["ollama", ollama],
] as const) {
  test(`${name}: a real engine asks a question of its own and explains; its words stand where they cite evidence`, async () => {
    const engine = await testEngine();
    const { diagnosis, evidence, rows, messages } = await explained({
      ...throughEngine(name, engine),
      narrationLimits: PATIENT,
    });
    expect(diagnosis).toMatchObject({ source: name, model: engine.model });
    expect(diagnosis.prompt_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(diagnosis.summary).toBe("The link is lost");
    expect(diagnosis.root_cause.text).toBe("The cable or the optic has failed");
    expect(diagnosis.impact).toBe("Whatever stands behind it is cut off");
    expect(diagnosis.recommended_actions.at(-1)).toEqual({ risk: "medium", text: "Look at the optic and the cable" });
    // Of one device: the specialists ask for those of the whole site.
    expect(evidence.filter((row) => row.query.startsWith('events({"device":'))).toHaveLength(1);
    // What it made up is told as such, or not at all.
    const told = diagnosis.findings.filter((f) => f.source === engine.model);
    expect(told.map((f) => [f.message, f.flagged])).toEqual([
      ["7341 frames were lost", "not in the evidence it cites: 7341"],
    ]);
    expect(diagnosis.note).toContain(`1 sentences of ${engine.model} cited no evidence and were dropped`);
    const ids = new Set(evidence.map((row) => row.id));
    expect(diagnosis.findings.flatMap((f) => f.evidence).every((id) => ids.has(id))).toBe(true);
    expect(rows.map((row) => row.source)).toEqual(["rules", name]);
    expect(rows[0]?.confidence).toBe(rows[1]?.confidence);
    const narrated = messages.filter((m) => m["step"] === "narration");
    expect(narrated.map((m) => m["text"])).toContain("The cable or the optic has failed");
    expect(narrated.every((m) => m["source"] === name && m["model"] === engine.model)).toBe(true);
  }, 120_000);

  test(`${name}: the model may ask read-only questions; each makes evidence it can cite; wrong ones are refused`, async () => {
    const asked: Answer = {
      calls: [
        { name: "metrics", input: { measure: "cpu", device: "fw1" } },
        { name: "metrics", input: { measure: "up{} or vector(1)", device: "fw1" } },
        { name: "run_script", input: { script: "reboot" } },
      ],
    };
    const { evidence, diagnosis } = await explained(
      await model(asked, { pieces: ["SUMMARY: The firewall reports no load [E99] [E1]\n"] }),
    );
    expect(
      evidence.some((row) => row.query === `max by (device) (cpu_usage_ratio{site="told-${sites}",device="fw1"})`),
    ).toBe(true);
    const answers = wire!.requests[1]!.messages.filter((m) => m.role === "tool").map((m) => m.content);
    expect(answers[0]).toContain("the store has no samples of cpu of fw1");
    expect(answers[1]).toMatch(/^refused: metrics: measure/);
    expect(answers[2]).toMatch(/^refused: there is no tool run_script/);
    expect(diagnosis.summary).toBe("The firewall reports no load");
  }, 30_000);

  for (const [how, answer, reason] of [
    [
      "says nothing it can cite",
      { pieces: ["It is the DNS. It is always the DNS.\n", "[E999] really\n"] },
      "none of its 2 sentences cited evidence",
    ],
    ["falls silent", { pieces: ["SUMMARY: "], hangs: true }, "it said nothing for 700 ms"],
    ["refuses", { status: 503 }, ""],
    ["breaks off", { pieces: ["SUMMARY: so "], breaks: true }, ""],
    [
      "never stops talking",
      { pieces: Array.from({ length: 40 }, () => "x".repeat(1_000)) },
      "longer than 16000 characters",
    ],
  ] as [string, Answer, string][]) {
    test(`${name}: when the model ${how}, the rules' diagnosis stands and a note says so`, async () => {
      const { diagnosis, messages } = await explained(await model(answer));
      expect(diagnosis.source).toBe("rules");
      expect(diagnosis.model).toBeUndefined();
      expect(diagnosis.root_cause.causes[0]).toMatchObject({ device: "core-sw1", fault: "site-uplink" });
      expect(diagnosis.note).toContain("test-model had no part in this: ");
      expect(diagnosis.note).toContain(reason);
      expect(messages.at(-1)).toMatchObject({ step: "finished", source: "rules" });
    }, 30_000);
  }
}

test("an engine that stands still is given up, one that dies as well: the rules' diagnosis stands", async () => {
  const engine = await ownEngine();
  engine.pause();
  const still = await explained(throughEngine("ollama", engine));
  expect(still.diagnosis.source).toBe("rules");
  expect(still.diagnosis.note).toContain(`${engine.model} had no part in this: it said nothing for 700 ms`);
  await assistant?.stop();
  const { diagnosis } = await explained({ ...throughEngine("openai", engine), narrationLimits: PATIENT }, async () => {
    await Bun.sleep(200);
    await engine.kill();
  });
  expect(diagnosis.source).toBe("rules");
  expect(diagnosis.note).toContain(`${engine.model} had no part in this: `);
}, 120_000);

test("a model that keeps asking is stopped by the cap, and text from devices stays inside its data block", async () => {
  const again: Answer = { calls: Array.from({ length: 3 }, () => ({ name: "events", input: {} })) };
  const { diagnosis } = await explained({
    ...(await openAi(again)),
    narrationLimits: { ...LIMITS, deadlineMs: 20_000 },
  });
  expect(wire!.requests.length).toBeLessThanOrEqual(LIMITS.stepsMax);
  expect(diagnosis.note).toContain("it said nothing");
  const user = wire!.requests[0]!.messages.find((m) => m.role === "user")?.content ?? "";
  expect(user.match(/<\/?data>/g)).toEqual(["<data>", "</data>"]);
}, 30_000);
