import { expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { EventBatchSchema, EventSchema, UplinkSchema, VerdictSchema } from "@watchpost/proto";
import * as fc from "fast-check";
import { decodeUplink } from "./decode-uplink.ts";

/** The slow, obvious twin. */
const twin = (bytes: Uint8Array) => fromBinary(UplinkSchema, bytes);

const text = () => fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: "grapheme", maxLength: 40 }), repeated());
const repeated = () => fc.constantFrom("core-sw1", "Te1/1", "interface-down/core-sw1/Te1/1", "");
const whole = () => fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 2n ** 64n - 1n));
const small = () => fc.oneof(fc.nat(20), fc.integer());

const verdict = fc
  .record({
    severity: small(),
    score: fc.double(),
    reasons: fc.array(text(), { maxLength: 4 }),
    explainedBy: text(),
    flapping: fc.boolean(),
    source: text(),
    model: text(),
    durationMs: fc.nat(2 ** 32 - 1),
    template: text(),
  })
  .map((init) => create(VerdictSchema, init));
const event = fc
  .record({
    seq: whole(),
    kind: small(),
    state: small(),
    severity: small(),
    device: text(),
    object: text(),
    fingerprint: text(),
    observedAtMs: fc.oneof(fc.constant(1_790_000_000_000n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    summary: text(),
    attributes: fc.dictionary(fc.oneof(text(), fc.constant("__proto__")), text(), { maxKeys: 5 }),
    refersToSeq: whole(),
    verdict: fc.option(verdict, { nil: undefined }),
  })
  .map(({ verdict: opinion, ...init }) => create(EventSchema, opinion ? { ...init, verdict: opinion } : init));

function bytesOf(events: ReturnType<typeof create<typeof EventSchema>>[]): Buffer {
  const value = create(EventBatchSchema, { events });
  return Buffer.from(toBinary(UplinkSchema, create(UplinkSchema, { message: { case: "events", value } })));
}

type Outcome = { message: unknown } | "refused";

function outcomeOf(decode: () => unknown): Outcome {
  try {
    return { message: decode() };
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return "refused";
  }
}

test("batches are decoded as the generated code decodes them", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 6 }), (events) => {
      const bytes = bytesOf(events);
      expect(decodeUplink(bytes)).toEqual(twin(bytes));
    }),
    { numRuns: 500 },
  );
});

test("bytes that were cut, changed or doubled are decoded, or refused, as by the generated code", () => {
  const damage = fc.record({
    at: fc.nat(),
    byte: fc.nat(255),
    cut: fc.boolean(),
    tail: fc.uint8Array({ maxLength: 9 }),
  });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 3 }), damage, (events, { at, byte, cut, tail }) => {
      const whole = bytesOf(events);
      const bytes = Buffer.concat([cut ? whole.subarray(0, at % whole.length) : whole, tail]);
      if (!cut) bytes[at % bytes.length] = byte;
      expect(outcomeOf(() => decodeUplink(bytes))).toEqual(outcomeOf(() => twin(bytes)));
    }),
    { numRuns: 2_000 },
  );
});

test("what only a newer collector says, and what is said twice, is as by the generated code", () => {
  const [one, two] = [bytesOf([create(EventSchema, { seq: 1n })]), bytesOf([create(EventSchema, { seq: 2n })])];
  const newer = Buffer.from([0x12, 0x07, 0x0a, 0x05, 0x08, 0x01, 0x98, 0x06, 0x01]);
  const twoVerdicts = Buffer.from([0x12, 0x0a, 0x0a, 0x08, 0x5a, 0x02, 0x08, 0x01, 0x5a, 0x02, 0x28, 0x01]);
  for (const bytes of [Buffer.concat([one, two]), newer, twoVerdicts, Buffer.alloc(0), Buffer.from([0x12])]) {
    expect(outcomeOf(() => decodeUplink(bytes))).toEqual(outcomeOf(() => twin(bytes)));
  }
});
