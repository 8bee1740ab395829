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

/** The slow, obvious twin of `Varbinds.decode`, for values of the kinds made below. */
function plainDecode(bytes: Uint8Array): { oid: string; tag: number; value: string }[] {
  const read = (at: number) => {
    const short = bytes[at + 1] ?? 0;
    const more = short < 0x80 ? 0 : short & 0x7f;
    const length =
      more === 0 ? short : Number(`0x${Buffer.from(bytes.subarray(at + 2, at + 2 + more)).toString("hex")}`);
    return { tag: bytes[at] ?? 0, start: at + 2 + more, end: at + 2 + more + length };
  };
  const children = (start: number, end: number) => {
    const found: ReturnType<typeof read>[] = [];
    for (let at = start; at < end; at = found.at(-1)?.end ?? end) found.push(read(at));
    return found;
  };
  const [message] = children(0, bytes.length);
  const pdu = children(message!.start, message!.end)[2];
  const list = children(pdu!.start, pdu!.end)[3];
  return children(list!.start, list!.end).map((pair) => {
    const [name, value] = children(pair.start, pair.end);
    const hex = Buffer.from(bytes.subarray(value!.start, value!.end)).toString("hex");
    return { oid: formatOid(bytes, name!.start, name!.end), tag: value!.tag, value: hex };
  });
}

const anyValue = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(counter64),
  fc.uint8Array({ maxLength: 100 }).map((content) => element(Tag.OctetString, ...content)),
  fc.integer({ min: -128, max: 127 }).map((value) => element(Tag.Integer, value & 0xff)),
  fc.constant(element(Tag.EndOfMibView)),
);

test("a message decodes to what its plain twin reads", () => {
  const incoming = new Incoming();
  fc.assert(
    fc.property(fc.array(fc.record({ oid: oidText, value: anyValue }), { maxLength: 30 }), (variables) => {
      const bytes = response(77, variables);
      expect(incoming.readHeader(bytes) && incoming.readPdu(bytes, incoming.data)).toBe(true);
      const { varbinds } = incoming;
      const decoded = Array.from({ length: varbinds.count }, (_, i) => ({
        oid: formatOid(bytes, varbinds.oidStart[i] ?? 0, varbinds.oidEnd[i] ?? 0),
        tag: varbinds.tag[i],
        value: Buffer.from(bytes.subarray(varbinds.valueStart[i], varbinds.valueEnd[i])).toString("hex"),
      }));
      expect(decoded).toEqual(plainDecode(bytes));
    }),
  );
});
