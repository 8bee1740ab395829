import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Pdu } from "./ber.ts";
import { hearAll, mutations } from "./false-net.fixture.ts";

const MUTATIONS = 10_000;
const GROWTH_BYTES_MAX = 50 * 1_048_576;
const ANSWER_MS_MAX = 50;
/** A public corpus of malformed requests, where it is at hand. */
const CORPUS = resolve(import.meta.dir, "../../../../shared/data/protos-snmpv1/protos-c06-req-app.bin.xz");

/** Messages of the corpus. */
function corpus(): Uint8Array[] {
  if (!existsSync(CORPUS)) return [];
  const { stdout } = Bun.spawnSync(["xz", "-dc", CORPUS]);
  const messages: Uint8Array[] = [];
  for (let at = 0; at + 4 <= stdout.length; ) {
    const end = at + 4 + stdout.readUInt32BE(at);
    messages.push(stdout.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

/** The same message as a Response of our version: what it says is as broken as before. */
function retagged(message: Uint8Array): Uint8Array {
  const bytes = message.slice();
  const pdu = bytes.findIndex((byte, at) => at > 4 && byte >= Pdu.Get && byte <= 0xa4);
  if (pdu >= 0) bytes[pdu] = Pdu.Response;
  const version = bytes.findIndex((byte, at) => byte === 0x02 && bytes[at + 1] === 1 && bytes[at + 2] === 0);
  if (version >= 0 && version < 8) bytes[version + 2] = 1;
  return bytes;
}

/** The broken rest of the message behind the id that is waited for. */
function withOurId(message: Uint8Array, truth: Uint8Array): Uint8Array {
  const bytes = retagged(message);
  const pdu = bytes.indexOf(Pdu.Response);
  const ours = truth.indexOf(Pdu.Response);
  return pdu < 0 ? bytes : Uint8Array.from([...truth.subarray(0, ours + 2 + 6), ...bytes.subarray(pdu + 8)]);
}

test("a corpus of broken messages, as sent and as answers, is no reason to call an agent silent", async () => {
  const messages = corpus();
  const before = process.memoryUsage.rss();
  const asSent = await hearAll(messages.map((message) => () => message));
  const asAnswers = await hearAll(messages.map((message) => () => retagged(message)));
  const withId = await hearAll(messages.map((message) => (truth: Uint8Array) => withOurId(message, truth)));
  for (const { runs, taken } of [asSent, asAnswers]) expect(taken).toBe(runs);
  for (const { silent, slowestMs } of [asSent, asAnswers, withId]) {
    expect(silent).toBe(0);
    expect(slowestMs).toBeLessThan(ANSWER_MS_MAX * 20);
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(GROWTH_BYTES_MAX * 4);
});

test("mutations of a true answer never throw and never make an agent silent", async () => {
  const { runs, silent } = await hearAll(mutations(MUTATIONS, 1));
  expect({ runs, silent }).toEqual({ runs: MUTATIONS, silent: 0 });
});
