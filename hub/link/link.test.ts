import { afterAll, beforeAll, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import * as x509 from "../identity/authority/x509.ts";
import {
  ConfigResultSchema,
  DownlinkSchema,
  type Event,
  EventBatchSchema,
  EventSchema,
  HeartbeatSchema,
  InventorySchema,
  ScriptResultSchema,
} from "@watchpost/proto";
import { getDevice, listCollectors, listDevices } from "../device/index.ts";
import { contextFor } from "../hub.ts";
import { revokeCollector, spiffeId } from "../identity/index.ts";
import { pushConfig } from "./index.ts";
import { enrollClient, newKey, renewClient, type TestStream } from "./test-collector.ts";
import { startTestLink, type TestLink } from "./test-link.ts";

let link: TestLink;
beforeAll(async () => {
  link = await startTestLink();
}, 60_000);
afterAll(() => link.stop());

function range(from: number, to: number): Event[] {
  return Array.from({ length: to - from + 1 }, (_, i) => create(EventSchema, { seq: BigInt(from + i), summary: "s" }));
}

function sendEvents(stream: TestStream, events: Event[]): void {
  stream.send({ case: "events", value: create(EventBatchSchema, { events }) });
}

const system = () => contextFor(link.hub, { kind: "system" });

test("a token enrols once over the wire; the second use and an expired one say so", async () => {
  const token = await link.newToken("harbor");
  const { response } = await enrollClient(link.publicAddress, link.authorityPem, token, "once");
  expect(response).toMatchObject({ site: "harbor", linkAddress: link.linkAddress });
  expect(response.trust?.signingKeys).toHaveLength(1);
  expect(enrollClient(link.publicAddress, link.authorityPem, token, "twice")).rejects.toThrow(/was used at/);
  const brief = await link.newToken("harbor", 1_000);
  await Bun.sleep(1_100);
  expect(enrollClient(link.publicAddress, link.authorityPem, brief, "late")).rejects.toThrow(/expired at/);
});

test("events are stored once and in order however often they are sent, and acked after the commit", async () => {
  const client = await link.enroll("harbor", "repeater");
  const stream = link.connect(client);
  expect((await stream.hello("e1")).ackedSeq).toBe(0n);
  sendEvents(stream, range(1, 3));
  expect((await stream.next("ack")).seq).toBe(3n);
  expect(await link.storedSeqs(client.response.collectorId)).toEqual([1, 2, 3]);
  sendEvents(stream, range(1, 3));
  expect((await stream.next("ack")).seq).toBe(3n);
  sendEvents(stream, range(2, 5));
  expect((await stream.next("ack")).seq).toBe(5n);
  stream.close();
  const again = link.connect(client);
  expect((await again.hello("e1")).ackedSeq).toBe(5n);
  sendEvents(again, range(5, 6));
  expect((await again.next("ack")).seq).toBe(6n);
  expect(await link.storedSeqs(client.response.collectorId)).toEqual([1, 2, 3, 4, 5, 6]);
  again.close();
});

test("a new outbox starts at 1 again", async () => {
  const client = await link.enroll("harbor", "reborn");
  for (const epoch of ["e1", "e2"]) {
    const stream = link.connect(client);
    expect((await stream.hello(epoch)).ackedSeq).toBe(0n);
    sendEvents(stream, range(1, 2));
    expect((await stream.next("ack")).seq).toBe(2n);
    stream.close();
  }
  expect(await link.storedSeqs(client.response.collectorId)).toEqual([1, 1, 2, 2]);
});

test("a hole, a shuffled batch and an outsized one end the stream with the numbers, and store nothing", async () => {
  const client = await link.enroll("harbor", "holes");
  const cases: [Event[], RegExp][] = [
    [range(2, 3), /seq 1 is due, 2 came/],
    [[...range(1, 2), ...range(4, 4)], /event 2 of the batch has seq 4 where 3 is due/],
    [range(1, 1_001), /1 to 1000 events, not 1001/],
    [[], /not 0/],
    [range(0, 1), /out of range/],
  ];
  for (const [events, message] of cases) {
    const stream = link.connect(client);
    await stream.hello("e1");
    sendEvents(stream, events);
    expect(String(await stream.end())).toMatch(message);
    stream.close();
  }
  expect(await link.storedSeqs(client.response.collectorId)).toEqual([]);
});

test("a batch whose transaction fails is not acked, leaves nothing, and goes through when sent again", async () => {
  const client = await link.enroll("harbor", "unlucky");
  const stream = link.connect(client);
  await stream.hello("e1");
  link.failIngest.next = true;
  sendEvents(stream, range(1, 4));
  expect(String(await stream.end())).toMatch(/could not store/);
  expect(stream.received.some((m) => m.case === "ack")).toBe(false);
  expect(await link.storedSeqs(client.response.collectorId)).toEqual([]);
  const again = link.connect(client);
  expect((await again.hello("e1")).ackedSeq).toBe(0n);
  sendEvents(again, range(1, 4));
  expect((await again.next("ack")).seq).toBe(4n);
  again.close();
});

test("the first message must be hello", async () => {
  const stream = link.connect(await link.enroll("harbor", "rude"));
  sendEvents(stream, range(1, 1));
  expect(String(await stream.end())).toMatch(/first message must be hello/);
});

test("a second stream replaces the first, and the collector stays streaming", async () => {
  const client = await link.enroll("harbor", "double");
  const first = link.connect(client);
  await first.hello("e1");
  const second = link.connect(client);
  await second.hello("e1");
  expect(String(await first.end())).toMatch(/newer stream/);
  await Bun.sleep(100);
  expect(await link.statusOf(client.response.collectorId)).toBe("streaming");
  second.close();
  for (let i = 0; i < 100 && (await link.statusOf(client.response.collectorId)) !== "disconnected"; i += 1)
    await Bun.sleep(20);
  expect(await link.statusOf(client.response.collectorId)).toBe("disconnected");
});

test("a certificate of another authority, a missing one and a revoked collector do not get in", async () => {
  const client = await link.enroll("harbor", "forged");
  const { keys, keyPem } = await newKey();
  const name = { site: "harbor", collectorId: client.response.collectorId };
  const forged = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=forged",
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "url", value: spiffeId(name) }])],
  });
  const impostor = link.connect({
    ...client,
    identity: { ...client.identity, keyPem, certificatePem: forged.toString("pem") },
  });
  expect(impostor.hello("e1")).rejects.toThrow();
  impostor.close();
  const stream = link.connect(client);
  await stream.hello("e1");
  await revokeCollector(system(), name.collectorId);
  link.registry.close(name.collectorId, "revoked");
  await stream.end();
  const again = link.connect(client);
  expect(again.hello("e1")).rejects.toThrow(/was revoked/);
  again.close();
});

test("a certificate renewed over the wire opens a stream", async () => {
  const client = await link.enroll("harbor", "renewed");
  const identity = await renewClient(link.linkAddress, client.identity);
  const stream = link.connect({ ...client, identity });
  await stream.hello("e1");
  stream.close();
  const old = link.connect(client);
  expect(old.hello("e1")).rejects.toThrow(/was replaced/);
  old.close();
});

test("heartbeats are echoed, and the site's clock offset and backlog are stored", async () => {
  const client = await link.enroll("harbor", "clocks");
  const stream = link.connect(client);
  const { clockMs } = await stream.hello("e1");
  const siteClockMs = clockMs + 86_400_000n;
  const beat = create(HeartbeatSchema, {
    clockMs: siteClockMs,
    echoClockMs: clockMs,
    echoAgeMs: 0,
    samplesPending: 7n,
  });
  stream.send({ case: "heartbeat", value: beat });
  expect((await stream.next("heartbeat")).echoClockMs).toBe(siteClockMs);
  stream.send({ case: "heartbeat", value: beat });
  await stream.next("heartbeat");
  const row = (await listCollectors(system())).find((c) => c.id === client.response.collectorId);
  expect(row).toMatchObject({ status: "streaming", version: "1.2.3", samplesPending: 7, allowedScripts: ["ping"] });
  expect(Math.abs((row?.clockOffsetMs ?? 0) - 86_400_000)).toBeLessThan(2_000);
  stream.close();
});

test("a configuration is pushed to a connected collector, refused with its reason, and applied when it is better", async () => {
  const client = await link.enroll("harbor", "configured");
  const { collectorId } = client.response;
  const away = await pushConfig(system(), link.registry, { collectorId, yaml: "devices: []" });
  expect(away).toEqual({ version: 1, sent: false });
  const stream = link.connect(client);
  await stream.hello("e1");
  expect((await stream.next("config")).version).toBe(1);
  const answer = (version: number, applied: boolean, reason: string) =>
    stream.send({ case: "configResult", value: create(ConfigResultSchema, { version, applied, reason }) });
  answer(1, false, "devices[0].address: not an IP address");
  expect(await pushConfig(system(), link.registry, { collectorId, yaml: "rules: []" })).toEqual({
    version: 2,
    sent: true,
  });
  expect((await stream.next("config")).yaml).toBe("rules: []");
  answer(2, true, "");
  const states = () =>
    link.hub
      .sql`select state, reason from control_plane.collector_configs where collector_id = ${collectorId} order by version`;
  for (let i = 0; i < 100 && (await states())[1]?.["state"] !== "applied"; i += 1) await Bun.sleep(20);
  expect((await states()).map((s) => [s["state"], s["reason"]])).toEqual([
    ["refused", "devices[0].address: not an IP address"],
    ["applied", ""],
  ]);
  stream.close();
  const again = link.connect(client);
  await again.hello("e1", 2);
  await Bun.sleep(100);
  expect(again.received).toEqual([]);
  again.close();
  expect(pushConfig(system(), link.registry, { collectorId, yaml: "a: [" })).rejects.toThrow("not YAML");
});

test("inventory becomes devices of the certificate's site", async () => {
  const client = await link.enroll("quay", "lister");
  const stream = link.connect(client);
  await stream.hello("e1");
  const device = { name: "sw1", address: "127.1.1.1", polledAtMs: 1n, interfaces: [{ ifIndex: 1, name: "Te1/1" }] };
  stream.send({ case: "inventory", value: create(InventorySchema, { devices: [device], whole: true }) });
  sendEvents(stream, range(1, 1));
  await stream.next("ack");
  const { devices } = await listDevices(system(), { site: "quay" });
  expect(devices.map((d) => d.name)).toEqual(["sw1"]);
  expect((await getDevice(system(), devices[0]!.id)).collector).toBe("lister");
  stream.close();
});

test("orders reach a connected collector alone, results are acked once they are stored, and connecting is announced", async () => {
  const client = await link.enroll("harbor", "worker");
  const { collectorId } = client.response;
  const cancel = create(DownlinkSchema, { message: { case: "cancelScript", value: { executionId: "x" } } });
  expect(link.registry.send(collectorId, cancel)).toBe(false);
  const stream = link.connect(client);
  await stream.hello("e1");
  for (let i = 0; i < 100 && !link.connected.includes(collectorId); i += 1) await Bun.sleep(10);
  expect(link.connected).toContain(collectorId);
  expect(link.registry.send(collectorId, cancel)).toBe(true);
  expect((await stream.next("cancelScript")).executionId).toBe("x");
  stream.send({ case: "scriptResult", value: create(ScriptResultSchema, { executionId: "x", exitCode: 3 }) });
  expect((await stream.next("scriptResultAck")).executionId).toBe("x");
  expect(link.results.map((r) => r.exitCode)).toEqual([3]);
  stream.close();
});
