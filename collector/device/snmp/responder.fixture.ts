import { Incoming, Version } from "./incoming.ts";
import { COMMUNITY } from "./snmpd.fixture.ts";
import type { Target } from "./index.ts";
import { REQUEST_ROOM_BYTES, Writer } from "./writer.ts";
import { compareOids, formatOid, oid } from "./oid.ts";
import { Pdu, Tag } from "./ber.ts";

/** What a v2c question was, for a responder that makes up its own answers. */
export interface Question {
  requestId: number;
  pduType: number;
  nonRepeaters: number;
  repetitions: number;
  /** The OIDs asked for. */
  names: string[];
  bytes: Uint8Array;
  port: number;
  address: string;
}

export type Reply = (bytes: Uint8Array) => void;

/** A UDP socket that answers as the test says: agents that misbehave in one exact way. */
export async function startResponder(answer: (question: Question, reply: Reply) => void, hostname = "127.0.0.1") {
  const incoming = new Incoming();
  const socket = await Bun.udpSocket({
    hostname,
    port: 0,
    socket: {
      // The collector may have closed the socket that an answer goes to.
      error: () => undefined,
      data(socket, bytes, port, address) {
        if (!incoming.readHeader(bytes) || incoming.version !== Version.v2c) return;
        if (!incoming.readPdu(bytes, incoming.data)) return;
        const { requestId, pduType, errorStatus, errorIndex } = incoming;
        const question = {
          requestId,
          pduType,
          nonRepeaters: errorStatus,
          repetitions: errorIndex,
          names: namesOf(incoming),
          bytes,
          port,
          address,
        };
        answer(question, (reply) => void socket.send(reply, port, address));
      },
    },
  });
  const { port } = socket;
  const target = (change: Partial<Target> = {}): Target => ({
    name: "odd",
    address: hostname,
    port,
    credential: { name: "lab", version: "v2c", community: COMMUNITY },
    timeoutMs: 150,
    retries: 1,
    ...change,
  });
  return { target, stop: () => socket.close() };
}

function namesOf({ varbinds }: Incoming): string[] {
  return Array.from({ length: varbinds.count }, (_, i) =>
    formatOid(varbinds.bytes, varbinds.oidStart[i] ?? 0, varbinds.oidEnd[i] ?? 0),
  );
}

/** Answers GETBULK from a list of variables as an agent would; the list may change between questions. */
export function answerFrom(variables: () => Variable[]): (question: Question, reply: Reply) => void {
  return ({ requestId, nonRepeaters, repetitions, names }, reply) => {
    const sorted = variables().toSorted((a, b) => compare(a.oid, b.oid));
    const after = (name: string) => sorted.find((variable) => compare(variable.oid, name) > 0) ?? endOfMib(name);
    const found = names.slice(0, nonRepeaters).map(after);
    let row = names.slice(nonRepeaters);
    for (let turn = 0; turn < repetitions && found.length < 60; turn++) {
      const next = row.map(after);
      found.push(...next);
      row = next.map((variable) => variable.oid);
    }
    reply(response(requestId, found));
  };
}

function endOfMib(name: string): Variable {
  return { oid: name, value: element(Tag.EndOfMibView) };
}

function compare(a: string, b: string): number {
  const [x, y] = [oid(a).bytes, oid(b).bytes];
  return compareOids(x, 0, x.length, y, 0, y.length);
}

/** One variable of a made-up answer; the value is its whole BER element. */
export interface Variable {
  oid: string;
  value: Uint8Array;
}

export function counter64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(value, 1);
  const from = bytes.findIndex((byte, i) => i === 8 || byte !== 0 || (bytes[i + 1] ?? 0) >= 0x80);
  return Uint8Array.of(Tag.Counter64, 9 - from, ...bytes.subarray(from));
}

export function element(tag: number, ...content: number[]): Uint8Array {
  return Uint8Array.of(tag, content.length, ...content);
}

export function text(value: string): Uint8Array {
  return element(Tag.OctetString, ...Buffer.from(value));
}

export function response(requestId: number, variables: Variable[], error = { status: 0, index: 0 }): Uint8Array {
  const writer = new Writer(REQUEST_ROOM_BYTES * 8);
  const end = writer.at;
  for (const variable of variables.toReversed()) {
    const after = writer.at;
    writer.raw(variable.value);
    const oidEnd = writer.at;
    writer.raw(oid(variable.oid).bytes);
    writer.wrap(Tag.ObjectId, oidEnd);
    writer.wrap(Tag.Sequence, after);
  }
  writer.wrap(Tag.Sequence, end);
  writer.integer(error.index);
  writer.integer(error.status);
  writer.integer(requestId);
  writer.wrap(Pdu.Response, end);
  writer.octets(Buffer.from(COMMUNITY));
  writer.integer(Version.v2c);
  writer.wrap(Tag.Sequence, end);
  return writer.view().slice();
}

/** An unsigned value under the tag of a 32-bit type. */
export function unsigned(tag: number, value: number): Uint8Array {
  return element(tag, 0, value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export function objectId(value: string): Uint8Array {
  return element(Tag.ObjectId, ...oid(value).bytes);
}
