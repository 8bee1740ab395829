import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Tag } from "./ber.ts";
import { Incoming } from "./incoming.ts";
import { compareOids, formatOid, isValidOid, oid } from "./oid.ts";
import { counter64, element, response } from "./responder.fixture.ts";

const subIdentifier = fc.oneof(
  fc.nat(300),
  fc.nat({ max: 0x7fff_ffff }),
  fc.constantFrom(127, 128, 16_383, 16_384, 4_294_967_295),
);
const oidText = fc
  .tuple(fc.constantFrom("1.3", "0.5", "2.39", "2.999", "1.0"), fc.array(subIdentifier, { maxLength: 20 }))
  .map(([head, rest]) => [head, ...rest].join("."));

/** The slow, obvious twin of `compareOids`. */
function plainCompare(a: string, b: string): number {
  const [x, y] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return (x[i] ?? 0) - (y[i] ?? 0);
  return x.length - y.length;
}

test("OIDs read as they were written", () => {
  fc.assert(
    fc.property(oidText, (value) => {
      const { bytes } = oid(value);
      expect(isValidOid(bytes, 0, bytes.length)).toBe(true);
      expect(formatOid(bytes, 0, bytes.length)).toBe(value);
    }),
  );
});

test("the order of encoded OIDs is that of their numbers", () => {
  fc.assert(
    fc.property(oidText, oidText, fc.array(subIdentifier, { maxLength: 3 }), (a, b, tail) => {
      const longer = [a, ...tail].join(".");
      for (const other of [b, longer]) {
        const [x, y] = [oid(a).bytes, oid(other).bytes];
        const order = compareOids(x, 0, x.length, y, 0, y.length);
        expect(Math.sign(order)).toBe(Math.sign(plainCompare(a, other)));
      }
    }),
  );
});

function decode(value: Uint8Array): { tag: number; number: bigint } | undefined {
  const incoming = new Incoming();
  const bytes = response(1, [{ oid: "1.3.6.1", value }]);
  if (!incoming.readHeader(bytes) || !incoming.readPdu(bytes, incoming.data)) return undefined;
  const { varbinds } = incoming;
  const word = (BigInt(varbinds.high[0] ?? 0) << 32n) | BigInt((varbinds.low[0] ?? 0) >>> 0);
  return { tag: varbinds.tag[0] ?? 0, number: word };
}

test("64-bit counters are exact", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      expect(BigInt.asUintN(64, decode(counter64(value))?.number ?? -1n)).toBe(value);
    }),
  );
});

test("integers keep their sign, and unsigned values without a leading zero stay positive", () => {
  expect(decode(element(Tag.Integer, 0xff))?.number).toBe(-1n);
  expect(decode(element(Tag.Integer, 0x80, 0, 0, 0))?.number).toBe(-2_147_483_648n);
  expect(decode(element(Tag.Gauge32, 0xff, 0xff, 0xff, 0xff))?.number).toBe(4_294_967_295n);
  expect(decode(element(Tag.Counter32, 0, 0xff, 0xff, 0xff, 0xff))?.number).toBe(4_294_967_295n);
});

test("values that cannot be are malformed", () => {
  expect(decode(element(Tag.Integer))).toBeUndefined();
  expect(decode(element(Tag.Integer, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))).toBeUndefined();
  expect(decode(element(Tag.IpAddress, 1, 2, 3))).toBeUndefined();
  expect(decode(element(Tag.ObjectId, 0x2b, 0x86))).toBeUndefined();
});

test("10,000 mutations of a message decode to something or to nothing, and nothing throws", () => {
  const variables = [
    { oid: "1.3.6.1.2.1.1.3.0", value: element(Tag.TimeTicks, 1, 2, 3) },
    { oid: "1.3.6.1.2.1.2.2.1.2.1", value: element(Tag.OctetString, 65, 66) },
    { oid: "1.3.6.1.2.1.31.1.1.1.6.1", value: counter64(2n ** 60n) },
  ];
  const seed = response(123_456, variables);
  const incoming = new Incoming();
  const edit = fc.record({
    at: fc.nat(seed.length - 1),
    byte: fc.nat(255),
    kind: fc.constantFrom("set", "cut", "drop", "insert"),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let bytes = Array.from(seed);
      for (const { at, byte, kind } of edits) {
        if (kind === "set") bytes[at % Math.max(1, bytes.length)] = byte;
        else if (kind === "cut") bytes = bytes.slice(0, at);
        else if (kind === "drop") bytes.splice(at, 1);
        else bytes.splice(at, 0, byte);
      }
      const message = Uint8Array.from(bytes);
      if (!incoming.readHeader(message)) return;
      incoming.readScopedPdu(message, incoming.data);
      if (incoming.readPdu(message, incoming.data))
        expect(incoming.varbinds.count * 7).toBeLessThanOrEqual(message.length);
    }),
    { numRuns: 10_000 },
  );
});
