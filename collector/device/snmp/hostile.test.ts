import { afterAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { Pdu } from "./ber.ts";
import { createSnmpEngine, oid } from "./index.ts";
import { element, type Question, type Reply, response, startResponder, text } from "./responder.fixture.ts";

const engine = createSnmpEngine();
afterAll(() => engine.close());

const DESCR = "1.3.6.1.2.1.2.2.1.2";
const columns = [oid(DESCR)];

async function ask(answer: (question: Question, reply: Reply) => void, change = {}) {
  const responder = await startResponder(answer);
  const startedMs = performance.now();
  const outcome = await engine.walkColumns(responder.target(change), { columns });
  responder.stop();
  return { outcome, tookMs: performance.now() - startedMs };
}

const row = (index: number) => ({ oid: `${DESCR}.${index}`, value: text(`port ${index}`) });
const next = { oid: "1.3.6.1.2.1.2.2.1.3.1", value: element(0x02, 6) };

test("random bytes are counted as malformed and reported as garbage, in time", async () => {
  const before = engine.counters.malformed;
  const { outcome, tookMs } = await ask((_, reply) => reply(randomBytes(200)));
  expect(outcome.kind).toBe("garbage");
  if (outcome.kind === "garbage") expect(outcome.message).toContain("Is port");
  expect(engine.counters.malformed - before).toBe(2);
  expect(tookMs).toBeLessThan(1_000);
});

test("an answer cut short is malformed, not half a table", async () => {
  const { outcome } = await ask(({ requestId }, reply) => reply(response(requestId, [row(1), row(2)]).subarray(0, 50)));
  expect(outcome.kind).toBe("garbage");
});

test("an id that was never ours is counted and not believed", async () => {
  const before = engine.counters.unknownId;
  const { outcome } = await ask(({ requestId }, reply) => reply(response(requestId ^ 1, [row(1), next])));
  expect(outcome.kind).toBe("garbage");
  expect(engine.counters.unknownId - before).toBe(2);
});

test("the right id from another port is counted and not believed", async () => {
  const before = engine.counters.wrongSource;
  const other = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const { outcome } = await ask(
    ({ requestId, port, address }) => void other.send(response(requestId, [row(1), next]), port, address),
    { retries: 0 },
  );
  other.close();
  expect(outcome.kind).toBe("timeout");
  if (outcome.kind === "timeout") expect(outcome.message).toContain("1 answers came from another address");
  expect(engine.counters.wrongSource - before).toBe(1);
});

test("a true answer among garbage is taken", async () => {
  const { outcome } = await ask(({ requestId }, reply) => {
    reply(randomBytes(64));
    reply(response(requestId ^ 5, [row(9)]));
    reply(response(requestId, [row(1), next]));
    reply(response(requestId, [row(2), next]));
  });
  expect(outcome.kind === "ok" && outcome.cells.length(0)).toBe(1);
});

test("an answer that comes after the time-out of its try still counts", async () => {
  const responder = await startResponder(
    ({ requestId }, reply) => void setTimeout(() => reply(response(requestId, [row(1), next])), 220),
  );
  const outcome = await engine.walkColumns(responder.target(), { columns });
  expect(outcome.kind).toBe("ok");
  await Bun.sleep(200);
  responder.stop();
});

test("a second answer to the same question is late, and not the fault of the agent", async () => {
  const before = engine.counters.late;
  const { outcome } = await ask(({ requestId }, reply) => {
    reply(response(requestId, [row(1), next]));
    reply(response(requestId, [row(2), next]));
  });
  await Bun.sleep(20);
  expect(outcome.kind === "ok" && outcome.cells.length(0)).toBe(1);
  expect(engine.counters.late - before).toBe(1);
});

test("an agent that repeats itself is stopped, and what it said is kept", async () => {
  const before = engine.counters.nonIncreasing;
  const { outcome } = await ask(({ requestId }, reply) => reply(response(requestId, [row(3), row(4), row(3)])));
  expect(outcome.kind === "ok" && outcome.cells.length(0)).toBe(2);
  expect(engine.counters.nonIncreasing - before).toBe(1);
});

test("an endless table ends at the limit of rows", async () => {
  let at = 0;
  const { outcome } = await ask(({ requestId, repetitions }, reply) =>
    reply(
      response(
        requestId,
        Array.from({ length: repetitions }, () => row((at += 1))),
      ),
    ),
  );
  expect(outcome.kind === "ok" && outcome.cells.length(0)).toBe(20_000);
  expect(outcome.kind === "ok" && outcome.cutShort).toContain("larger than the limit");
});

test("tooBig halves what is asked, and the agent's limit is remembered", async () => {
  const asked: number[] = [];
  const { outcome } = await ask(({ requestId, repetitions }, reply) => {
    asked.push(repetitions);
    if (repetitions > 20) reply(response(requestId, [], { status: 1, index: 0 }));
    else reply(response(requestId, [row(1), row(2), next]));
  });
  expect(asked).toEqual([50, 25, 12]);
  expect(outcome.kind === "ok" && outcome.cells.length(0)).toBe(2);
});

test("an agent for which one row is too big is asked for fewer columns", async () => {
  const wide = Array.from({ length: 8 }, (_, i) => oid(`1.3.6.1.2.1.2.2.1.${i + 1}`));
  const asked: number[] = [];
  const responder = await startResponder(({ requestId, names }, reply) => {
    asked.push(names.length);
    if (names.length > 3) return reply(response(requestId, [], { status: 1, index: 0 }));
    reply(
      response(
        requestId,
        names.map((name) => ({ oid: name, value: element(0x82) })),
      ),
    );
  });
  const outcome = await engine.walkColumns(responder.target(), { columns: wide });
  responder.stop();
  expect(outcome.kind).toBe("ok");
  expect(asked).toEqual([8, 8, 8, 8, 8, 4, 4, 2, 2, 2, 2]);
});

test("an agent that knows no GETBULK is read by GETNEXT", async () => {
  const { outcome } = await ask(({ requestId, pduType, bytes }, reply) => {
    if (pduType === Pdu.GetBulk) return;
    const isFirst = !Buffer.from(bytes).includes(Buffer.from(oid(`${DESCR}.1`).bytes));
    reply(response(requestId, [isFirst ? row(1) : next]));
  });
  expect(outcome.kind === "ok" && outcome.cells.text(outcome.cells.cell(0, 0))).toBe("port 1");
});

test("what was read before an agent fell silent is kept and said to be incomplete", async () => {
  let answers = 0;
  const { outcome } = await ask(({ requestId }, reply) => {
    answers += 1;
    if (answers === 1) reply(response(requestId, [row(1), row(2)]));
  });
  expect(outcome.kind === "ok" && outcome.cells.length(0)).toBe(2);
  expect(outcome.kind === "ok" && outcome.cutShort).toContain("no SNMPv2c answer");
});

test("a walk ends at its deadline when an agent answers one row at a time", async () => {
  let at = 0;
  const responder = await startResponder(({ requestId }, reply) =>
    setTimeout(() => reply(response(requestId, [row((at += 1))])), 20),
  );
  const deadlineMs = engine.clock.monotonicMs() + 200;
  const outcome = await engine.walkColumns(responder.target(), { columns, deadlineMs });
  responder.stop();
  expect(outcome.kind === "ok" && outcome.cutShort).toContain("its time was over");
  expect(outcome.requests).toBeLessThan(15);
});

test("text from a device loses control characters and is bounded", async () => {
  const evil = { oid: `${DESCR}.1`, value: text("eth0\u001b[31m\u202eevil\u0000 ") };
  const { outcome } = await ask(({ requestId }, reply) => reply(response(requestId, [evil, next])));
  expect(outcome.kind === "ok" && outcome.cells.text(outcome.cells.cell(0, 0))).toBe("eth0 [31m evil");
});

test("an IPv6 agent is matched whatever way its address is written", async () => {
  const responder = await startResponder(({ requestId }, reply) => reply(response(requestId, [row(1), next])), "::1");
  const outcome = await engine.walkColumns(responder.target({ address: "0:0:0:0:0:0:0:0001" }), { columns });
  responder.stop();
  expect(outcome.kind).toBe("ok");
});
