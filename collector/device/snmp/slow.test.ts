import { afterAll, expect, test } from "bun:test";
import { createSnmpEngine, oid, Tag } from "./index.ts";
import { answerFrom, type Question, type Reply, startResponder, unsigned } from "./responder.fixture.ts";

const engine = createSnmpEngine();
afterAll(() => engine.close());

const COLUMN = "1.3.6.1.2.1.2.2.1.10";
const ROWS = 40;
const rows = Array.from({ length: ROWS }, (_, i) => ({
  oid: `${COLUMN}.${i + 1}`,
  value: unsigned(Tag.Counter32, i + 1),
}));

/** An agent that answers everything, each time after so long. */
async function startSlow(delayMs: number) {
  const questions: Question[] = [];
  const answer = answerFrom(() => rows);
  const responder = await startResponder((question: Question, reply: Reply) => {
    questions.push(question);
    setTimeout(() => answer(question, reply), delayMs);
  });
  return { ...responder, questions };
}

test("an answer that comes when nobody waits any more is remembered: the next question waits for it", async () => {
  const slow = await startSlow(300);
  const target = slow.target({ timeoutMs: 100, retries: 1 });
  const walk = { columns: [oid(COLUMN)] };
  expect((await engine.walkColumns(target, walk)).kind).toBe("timeout");
  const before = engine.counters.late;
  while (engine.counters.late === before) await Bun.sleep(20);
  slow.questions.length = 0;
  const outcome = await engine.walkColumns(target, walk);
  expect(outcome).toMatchObject({ kind: "ok", cutShort: "" });
  if (outcome.kind === "ok") expect(outcome.cells.length(0)).toBe(ROWS);
  // Nothing is asked twice, and no less at a time than of a quick agent.
  expect(slow.questions).toHaveLength(1);
  slow.stop();
});

test("an agent whose answers come late is neither asked for less nor taken for one without GETBULK", async () => {
  const slow = await startSlow(250);
  const target = slow.target({ timeoutMs: 150, retries: 2 });
  const outcome = await engine.walkColumns(target, { columns: [oid(COLUMN)] });
  expect(outcome).toMatchObject({ kind: "ok", cutShort: "" });
  slow.questions.length = 0;
  await engine.walkColumns(target, { columns: [oid(COLUMN)] });
  expect(slow.questions.map(({ repetitions }) => repetitions)).toEqual([expect.any(Number)]);
  expect(slow.questions[0]?.repetitions).toBeGreaterThanOrEqual(ROWS);
  slow.stop();
});

test("an agent that is quick again is waited for no longer than others", async () => {
  let delayMs = 300;
  let answers = true;
  const answer = answerFrom(() => rows);
  const responder = await startResponder((question, reply) => {
    if (answers) setTimeout(() => answer(question, reply), delayMs);
  });
  const target = responder.target({ timeoutMs: 200, retries: 1 });
  const walk = { columns: [oid(COLUMN)] };
  await engine.walkColumns(target, walk);
  delayMs = 0;
  for (let i = 0; i < 10; i += 1) await engine.walkColumns(target, walk);
  answers = false;
  const startedMs = performance.now();
  expect((await engine.walkColumns(target, walk)).kind).toBe("timeout");
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  responder.stop();
});
