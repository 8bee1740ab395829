import * as fc from "fast-check";
import { Tag } from "./ber.ts";
import { createSnmpEngine, oid, type SocketFactory, type Target } from "./index.ts";
import { Incoming } from "./incoming.ts";
import { response, unsigned } from "./responder.fixture.ts";

const UPTIME = "1.3.6.1.2.1.1.3";
const TICKS = 4_711;

/** Sockets in memory: before every true answer comes a false one, from the same address. */
export function falseNet(falsehood: (truth: Uint8Array) => Uint8Array): SocketFactory {
  const incoming = new Incoming();
  return {
    openShared: (_family, receive) =>
      Promise.resolve({
        receiveBufferBytes: 0,
        close: () => undefined,
        sendMany(packets) {
          for (let at = 0; at + 2 < packets.length; at += 3) {
            const [question, port, address] = packets.slice(at, at + 3) as [Uint8Array, number, string];
            if (!incoming.readHeader(question) || !incoming.readPdu(question, incoming.data)) continue;
            const truth = response(incoming.requestId, [{ oid: `${UPTIME}.0`, value: unsigned(Tag.TimeTicks, TICKS) }]);
            queueMicrotask(() => {
              receive(falsehood(truth), port, address);
              receive(truth, port, address);
            });
          }
          return packets.length / 3;
        },
      }),
    connect: () => Promise.reject(new Error("a true answer comes to every first try: nothing is asked twice")),
  };
}

export interface Heard {
  runs: number;
  /** Of questions that ended with the true value in spite of what came before. */
  taken: number;
  /** Questions that ended as if nobody had answered. */
  silent: number;
  /** CPU, not wall time: what else the machine does is not the answer's fault. */
  slowestMs: number;
}

const TARGET: Target = {
  name: "lied-about",
  address: "192.0.2.1",
  port: 161,
  credential: { name: "c", version: "v2c", community: "public" },
  timeoutMs: 5_000,
  retries: 0,
};

const honest = (truth: Uint8Array): Uint8Array => truth;

/** Asks once for each falsehood. */
export async function hearAll(falsehoods: Iterable<(truth: Uint8Array) => Uint8Array>): Promise<Heard> {
  const now = { falsehood: honest };
  const engine = createSnmpEngine({ socketFactory: falseNet((truth) => now.falsehood(truth)) });
  const heard: Heard = { runs: 0, taken: 0, silent: 0, slowestMs: 0 };
  const asked = [oid(`${UPTIME}.0`)];
  for (const falsehood of falsehoods) {
    now.falsehood = falsehood;
    const before = process.cpuUsage();
    const outcome = await engine.get(TARGET, asked);
    const { user, system } = process.cpuUsage(before);
    heard.slowestMs = Math.max(heard.slowestMs, (user + system) / 1_000);
    heard.runs += 1;
    if (outcome.kind === "timeout") heard.silent += 1;
    if (
      outcome.kind === "ok" &&
      outcome.cells.length(0) === 1 &&
      outcome.cells.number(outcome.cells.cell(0, 0)) === TICKS
    )
      heard.taken += 1;
  }
  engine.close();
  return heard;
}

interface Edit {
  at: number;
  byte: number;
  kind: "set" | "cut" | "drop" | "insert";
}

/** True answers with bytes set, dropped, put in, and ends cut off. */
export function* mutations(count: number, seed: number): Generator<(truth: Uint8Array) => Uint8Array> {
  const kind = fc.constantFrom("set", "cut", "drop", "insert");
  const lists = fc.array(fc.record({ at: fc.nat(60), byte: fc.nat(255), kind }), { minLength: 1, maxLength: 6 });
  // Drawn in portions, so that a million of them never stand in memory at one time.
  for (let done = 0; done < count; done += PORTION)
    for (const list of fc.sample(lists, { numRuns: Math.min(PORTION, count - done), seed: seed + done }))
      yield (truth) => edited(truth, list);
}

const PORTION = 5_000;

function edited(truth: Uint8Array, list: readonly Edit[]): Uint8Array {
  let bytes = Array.from(truth);
  for (const { at, byte, kind } of list) {
    if (kind === "set") bytes[at % Math.max(1, bytes.length)] = byte;
    else if (kind === "cut") bytes = bytes.slice(0, at);
    else if (kind === "drop") bytes.splice(at, 1);
    else bytes.splice(at, 0, byte);
  }
  return Uint8Array.from(bytes);
}
