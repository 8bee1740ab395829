import { afterEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as fc from "fast-check";
import { scratchDir } from "../../packaging/parts/index.ts";
import { encodeTrap, value } from "../../packaging/lab/agent/index.ts";
import { Incoming, Pdu } from "../device/snmp/index.ts";
import { PduReader } from "./read-pdu.ts";
import { startReceiver } from "./receiver.fixture.ts";

const MUTATIONS = 10_000;
const PROTOS = resolve(import.meta.dir, "../../../shared/data/protos-snmpv1/protos-c06-req-app.bin.xz");
const PROTOS_SAMPLE = 2_000;

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

function trap(version: "v1" | "v2c"): Uint8Array {
  const bindings = [
    { oid: "1.3.6.1.2.1.2.2.1.1.7", value: value.integer(7) },
    { oid: "1.3.6.1.2.1.31.1.1.1.1.7", value: value.octets("Te1/5") },
  ];
  const agent = { enterprise: "1.3.6.1.4.1.9.1.1", agentAddress: "127.0.0.1" };
  const community = version === "v1" ? "private-v1" : "s3cret";
  return encodeTrap({ generic: 3, uptimeTicks: 4_200, bindings, ...agent }, { version, community }, 77);
}

const pdu = new PduReader();
const incoming = new Incoming();

/** What the receiver does with the bytes of a datagram, without the socket. */
function digest(bytes: Uint8Array): void {
  if (!incoming.readHeader(bytes) || incoming.version === 3) return;
  if (pdu.read(bytes, incoming.data) !== "notification") return;
  const { bindings } = pdu.notification("v2c");
  for (const binding of bindings) expect(binding.value.length).toBeLessThanOrEqual(400);
  expect(bindings.length).toBeLessThanOrEqual(24);
}

test("mutations of traps decode to something or to nothing, and nothing throws", () => {
  for (const version of ["v1", "v2c"] as const) {
    const seed = trap(version);
    const edit = fc.record({ at: fc.nat(seed.length - 1), byte: fc.nat(255), cut: fc.boolean() });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let bytes = seed.slice();
        for (const { at, byte, cut } of edits) {
          if (cut && byte < 32) bytes = bytes.slice(0, at);
          else bytes[at % Math.max(1, bytes.length)] = byte;
        }
        digest(bytes);
      }),
      { numRuns: MUTATIONS / 2 },
    );
  }
});

/** Messages of the public corpus, asked to be notifications; none where the corpus is not at hand. */
function corpus(): Buffer[] {
  if (!existsSync(PROTOS)) return [];
  const data = Bun.spawnSync(["xz", "-dc", PROTOS]).stdout;
  const messages: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length; ) {
    const length = data.readUInt32BE(at);
    messages.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const step = Math.max(1, Math.floor(messages.length / PROTOS_SAMPLE));
  return messages.filter((_, index) => index % step === 0);
}

test("malformed requests dressed as traps and informs are counted, and the next good one is heard", async () => {
  const { receiver, drafts, stop } = await startReceiver({ dataDir: scratchDir("trap-protos") });
  opened.push(stop);
  const sender = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  opened.push(() => sender.close());
  const bad = corpus();
  const dressed = bad.map((message, index) =>
    retagged(message, [Pdu.TrapV1, Pdu.TrapV2, Pdu.Inform, Pdu.Response][index % 4] ?? Pdu.TrapV2),
  );
  for (const message of [Buffer.alloc(0), Buffer.from([0x30]), ...dressed]) {
    sender.send(message, receiver.port, "127.0.0.1");
    if (Math.random() < 0.05) await Bun.sleep(0);
  }
  sender.send(trap("v2c"), receiver.port, "127.0.0.1");
  for (let i = 0; i < 200 && drafts.every((draft) => draft.object !== "Te1/5"); i += 1) await Bun.sleep(10);
  expect(drafts.map((draft) => draft.object)).toContain("Te1/5");
  const { received, ...fates } = receiver.counters;
  const { traps, informs, duplicates, rateLimited, malformed, otherPdu, unknownCommunity, unauthentic, discoveries } =
    fates;
  expect(
    traps + informs + duplicates + rateLimited + malformed + otherPdu + unknownCommunity + unauthentic + discoveries,
  ).toBe(received);
}, 30_000);

/** The first byte that asks (0xa0 to 0xa3) asks something else, and the community is one that we know. */
function retagged(message: Buffer, tag: number): Buffer {
  const copy = Buffer.from(message);
  const at = copy.subarray(0, 64).findIndex((byte) => byte >= 0xa0 && byte <= 0xa3);
  if (at >= 0) copy[at] = tag;
  return copy;
}

test("what comes in faster than it is read is counted by the kernel, and nothing else is lost", async () => {
  const { receiver, stop } = await startReceiver({ dataDir: scratchDir("trap-flood") });
  opened.push(stop);
  const sender = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  opened.push(() => sender.close());
  const message = trap("v2c");
  const batch = Array.from({ length: 500 }, () => [message, receiver.port, "127.0.0.1"] as const).flat();
  let sent = 0;
  // One turn of the event loop: the receiver cannot read, so the kernel's buffer has to overflow.
  for (let i = 0; i < 80; i += 1) sent += sender.sendMany(batch);
  const accounted = () => receiver.counters.received + receiver.kernelDrops();
  for (let i = 0; i < 400 && accounted() < sent; i += 1) await Bun.sleep(10);
  expect(accounted()).toBe(sent);
  expect(receiver.kernelDrops()).toBeGreaterThan(0);
  expect(receiver.counters.traps).toBe(receiver.counters.received);
}, 30_000);

test("a source that says too much is cut down to its rate, and others are heard", async () => {
  const devices = [
    { name: "loud", address: "127.0.0.1" },
    { name: "calm", address: "127.0.0.2" },
  ];
  const { receiver, drafts, stop } = await startReceiver({
    dataDir: scratchDir("trap-rate"),
    devices,
    perSourcePerSecondMax: 10,
  });
  opened.push(stop);
  const loud = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const calm = await Bun.udpSocket({ hostname: "127.0.0.2", port: 0 });
  opened.push(
    () => loud.close(),
    () => calm.close(),
  );
  for (let i = 0; i < 500; i += 1) loud.send(trap("v2c"), receiver.port, "127.0.0.1");
  calm.send(trap("v2c"), receiver.port, "127.0.0.1");
  for (let i = 0; i < 200 && receiver.counters.received < 501; i += 1) await Bun.sleep(10);
  expect(receiver.counters.received).toBe(501);
  expect(receiver.counters.traps).toBeLessThan(100);
  expect(receiver.counters.traps + receiver.counters.rateLimited).toBe(501);
  expect(drafts.map((draft) => draft.device).toSorted()).toEqual(["calm", "loud"]);
});
