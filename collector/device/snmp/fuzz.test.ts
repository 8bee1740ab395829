import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Pdu, Tag } from "./ber.ts";
import type { PrivProtocol } from "./credential.ts";
import { Incoming } from "./incoming.ts";
import { oid } from "./oid.ts";
import { writePdu } from "./request.ts";
import { counter64, element, response } from "./responder.fixture.ts";
import { KeyRing, type LocalKeys } from "./usm/key-ring.ts";
import { isAuthentic, openScopedPdu, seal } from "./usm/seal.ts";
import { reportOf } from "./usm/report.ts";
import { REQUEST_ROOM_BYTES, Writer } from "./writer.ts";

const MUTATIONS = 5_000;
const ENGINE_ID = Buffer.from("80001f8804deadbeef", "hex");

interface Edit {
  at: number;
  byte: number;
  kind: string;
}

/** Lists of edits: bytes set, dropped, put in, and the end cut off. */
function edits(length: number): fc.Arbitrary<Edit[]> {
  const kind = fc.constantFrom("set", "cut", "drop", "insert");
  return fc.array(fc.record({ at: fc.nat(length - 1), byte: fc.nat(255), kind }), { minLength: 1, maxLength: 6 });
}

function mutated(seed: Uint8Array, list: Edit[]): Uint8Array {
  let bytes = Array.from(seed);
  for (const { at, byte, kind } of list) {
    if (kind === "set") bytes[at % Math.max(1, bytes.length)] = byte;
    else if (kind === "cut") bytes = bytes.slice(0, at);
    else if (kind === "drop") bytes.splice(at, 1);
    else bytes.splice(at, 0, byte);
  }
  return Uint8Array.from(bytes);
}

test("mutations of a v2c answer decode to something or to nothing, and nothing throws", () => {
  const seed = response(123_456, [
    { oid: "1.3.6.1.2.1.1.3.0", value: element(Tag.TimeTicks, 1, 2, 3) },
    { oid: "1.3.6.1.2.1.2.2.1.2.1", value: element(Tag.OctetString, 65, 66) },
    { oid: "1.3.6.1.2.1.31.1.1.1.6.1", value: counter64(2n ** 60n) },
  ]);
  const incoming = new Incoming();
  fc.assert(
    fc.property(edits(seed.length), (list) => {
      const message = mutated(seed, list);
      if (!incoming.readHeader(message)) return;
      incoming.readScopedPdu(message, incoming.data);
      if (incoming.readPdu(message, incoming.data))
        expect(incoming.varbinds.count * 7).toBeLessThanOrEqual(message.length);
    }),
    { numRuns: MUTATIONS },
  );
});

function sealed(keys: LocalKeys): Uint8Array {
  const writer = new Writer(REQUEST_ROOM_BYTES);
  const name = oid("1.3.6.1.6.3.15.1.1.4.0").bytes;
  const questions = [{ bytes: name, start: 0, end: name.length }];
  writePdu(writer, { type: Pdu.Response, requestId: 9, first: 0, second: 0, questions });
  const text = { user: Buffer.from("ops"), contextName: Buffer.alloc(0) };
  const clock = { engineBoots: 3, engineTime: 4_000 };
  return seal(writer, { messageId: 9, engineId: ENGINE_ID, ...clock, ...text, keys, salt: Buffer.alloc(8, 7) }).slice();
}

function keysWith(privProtocol: PrivProtocol): LocalKeys {
  const passwords = { authPassword: "correct horse", privPassword: "battery staple" };
  const who = { name: "ops", version: "v3", user: "ops", contextName: "" } as const;
  return new KeyRing().keysFor({ ...who, authProtocol: "sha1", privProtocol, ...passwords }, ENGINE_ID);
}

for (const protocol of ["des", "aes128", "aes192", "aes256c"] as const)
  test(`mutations of a v3 answer under ${protocol} are never authentic, and opening one never throws`, () => {
    const keys = keysWith(protocol);
    const seed = sealed(keys);
    const incoming = new Incoming();
    expect(incoming.readHeader(seed) && isAuthentic(incoming, keys)).toBe(true);
    fc.assert(
      fc.property(edits(seed.length), (list) => {
        const message = mutated(seed, list);
        if (Buffer.compare(message, seed) === 0 || !incoming.readHeader(message) || incoming.version !== 3) return;
        expect(isAuthentic(incoming, keys)).toBe(false);
        const opened = openScopedPdu(incoming, keys);
        if (opened && incoming.readScopedPdu(opened.bytes, opened.range)) reportOf(incoming.varbinds);
      }),
      { numRuns: MUTATIONS / 2 },
    );
  });
