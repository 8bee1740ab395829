import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import {
  DeviceSchema,
  EventKind,
  EventState,
  ScriptOutputSchema,
  ScriptResultSchema,
  Severity,
} from "@watchpost/proto";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { loadIdentity } from "../enroll/index.ts";
import type { Outbox } from "../outbox/index.ts";
import { closeSites, linkTo, onClose, type Site, site, until } from "./site.fixture.ts";
import { TestHub } from "./test-hub.fixture.ts";

setDefaultTimeout(30_000);

afterEach(closeSites);

let observed = 0;
function event(summary: string) {
  observed += 1;
  return {
    kind: EventKind.DEVICE_DOWN,
    state: EventState.FIRING,
    severity: Severity.ERROR,
    device: "sw1",
    object: "",
    fingerprint: "device-down/sw1",
    observedAtMs: observed,
    summary,
    attributes: {},
  };
}

function append(outbox: Outbox, count: number): Promise<bigint[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => outbox.append(event(`event ${index}`))));
}

function seqs(site: Site): bigint[] {
  return site.hub.stored(site.outbox.epoch()).map((stored) => stored.seq);
}

function upTo(count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => BigInt(index + 1));
}

test("introduces itself, and events arrive in order and are forgotten once acknowledged", async () => {
  const s = await site();
  await append(s.outbox, 1_300);
  s.link.start();
  await until(() => s.outbox.pending().events === 0);
  await append(s.outbox, 3);
  await until(() => s.outbox.pending().events === 0);
  expect(seqs(s)).toEqual(upTo(1_303));
  expect(s.hub.hellos).toMatchObject([
    { value: { collectorVersion: "0.1.0", outboxEpoch: s.outbox.epoch(), configVersion: 7, allowedScripts: ["ping"] } },
  ]);
  expect(s.link.state()).toBe("streaming");
});

test("keeps events until they are acknowledged, and sends no more than the window without an acknowledgement", async () => {
  const s = await site({}, (hub) => (hub.acks = false));
  await append(s.outbox, 4_200);
  s.link.start();
  await until(() => seqs(s).length === 4_000);
  await Bun.sleep(300);
  expect(seqs(s).length).toBe(4_000);
  expect(s.outbox.pending().events).toBe(4_200);
  s.hub.say({ case: "ack", value: { seq: 1_500n } });
  await until(() => seqs(s).length === 4_200 && s.outbox.pending().events === 2_700);
});

test("a hub killed before it acknowledged gets each event once, in order, after its restart", async () => {
  const s = await site({}, (hub) => (hub.acks = false));
  s.link.start();
  await append(s.outbox, 700);
  await until(() => seqs(s).length === 700);
  s.hub.kill();
  await until(() => s.link.state() !== "streaming");
  expect(s.outbox.pending().events).toBe(700);
  await append(s.outbox, 50);
  s.hub.acks = true;
  await s.hub.start();
  await until(() => s.outbox.pending().events === 0);
  expect(seqs(s)).toEqual(upTo(750));
});

test("a hub that restarts again and again misses nothing and gets nothing twice", async () => {
  const s = await site();
  s.link.start();
  for (let round = 0; round < 3; round += 1) {
    await until(() => s.link.state() === "streaming");
    const appending = append(s.outbox, 200);
    await Bun.sleep(5);
    s.hub.kill();
    await appending;
    await s.hub.start();
  }
  await until(() => s.outbox.pending().events === 0);
  expect(seqs(s)).toEqual(upTo(600));
});

test("does not talk to a hub of another authority", async () => {
  const s = await site();
  const impostor = new TestHub(await createTestAuthority());
  await impostor.start();
  onClose(() => impostor.kill());
  const other = linkTo(s, impostor.address);
  other.start();
  await until(() => other.status().lastEnd !== undefined);
  expect(other.status().lastEnd).toContain(`no stream to the hub at ${impostor.address}`);
  expect(impostor.received).toEqual([]);
});

function device(name: string, role: string) {
  return create(DeviceSchema, { name, role });
}

test("devices are sent as they are at the flush, whole once the listing is complete, and whole again after a reconnect", async () => {
  const s = await site();
  const inventories = () => s.hub.received.flatMap((m) => (m.case === "inventory" ? [m.value] : []));
  for (let i = 0; i < 120; i += 1) s.link.setDevice(device(`sw${i}`, "old"));
  for (let i = 0; i < 120; i += 1) s.link.setDevice(device(`sw${i}`, "core"));
  s.link.start();
  await until(() => inventories().length === 3);
  expect(inventories().map((m) => [m.devices.length, m.whole])).toEqual([
    [50, false],
    [50, false],
    [20, false],
  ]);
  expect(inventories().every((m) => m.devices.every((d) => d.role === "core"))).toBe(true);

  for (let i = 0; i < 500; i += 1) s.link.setDevice(device("sw7", `state ${i}`));
  await until(() => inventories().length === 4);
  expect(inventories()[3]?.devices.map((d) => d.role)).toEqual(["state 499"]);

  s.link.removeDevice("sw9");
  s.link.listingComplete();
  await until(() => inventories().some((m) => m.whole));
  expect(
    inventories()
      .slice(4)
      .map((m) => [m.devices.length, m.whole]),
  ).toEqual([
    [50, false],
    [50, false],
    [19, true],
  ]);

  const before = inventories().length;
  s.hub.kill();
  await s.hub.start();
  await until(() =>
    inventories()
      .slice(before)
      .some((m) => m.whole),
  );
  expect(
    inventories()
      .slice(before)
      .flatMap((m) => m.devices.map((d) => d.name)),
  ).not.toContain("sw9");
  expect(
    inventories()
      .slice(before)
      .reduce((sum, m) => sum + m.devices.length, 0),
  ).toBe(119);
});

test("honours a drain: sends no further events, goes, and comes back after the pause", async () => {
  const s = await site({}, (hub) => (hub.acks = false));
  s.link.start();
  await append(s.outbox, 5);
  await until(() => seqs(s).length === 5);
  s.hub.say({ case: "drain", value: { reconnectAfterMs: 700 } });
  await until(() => s.link.state() === "draining");
  await append(s.outbox, 5);
  s.hub.say({ case: "ack", value: { seq: 5n } });
  await until(() => s.link.state() === "disconnected");
  const leftAtMs = performance.now();
  expect(seqs(s).length).toBe(5);
  expect(s.outbox.pending().events).toBe(5);
  s.hub.acks = true;
  await until(() => seqs(s).length === 10);
  expect(performance.now() - leftAtMs).toBeGreaterThan(650);
});

test("a path that went silent is given up and a new stream opened", async () => {
  const s = await site({}, (hub) => {
    hub.answersHeartbeats = false;
    hub.heartbeatIntervalMs = 500;
  });
  s.link.start();
  await until(() => s.hub.hellos.length === 2);
  expect(s.link.status().lastEnd).toMatch(/nothing came from the hub at 127\.0\.0\.1:\d+ for \d+ ms/);
});

test("measures the hub's clock from echoed heartbeats and reports what is pending", async () => {
  const s = await site();
  s.link.start();
  await until(() => s.link.status().hubOffsetMs !== undefined);
  expect(Math.abs(s.link.hubOffsetMs() - 60_000)).toBeLessThan(1_000);
  expect(s.hub.received.find((m) => m.case === "heartbeat")).toMatchObject({ value: { samplesPending: 42n } });
});

test("configurations are applied or refused with a reason, orders and acknowledgements reach their handlers", async () => {
  const s = await site();
  s.link.start();
  await until(() => s.link.state() === "streaming");
  const results = () => s.hub.received.flatMap((m) => (m.case === "configResult" ? [m.value] : []));
  s.hub.say({ case: "config", value: { version: 8, yaml: "good" } });
  await until(() => results().length === 1);
  s.hub.say({ case: "config", value: { version: 9, yaml: "bad" } });
  await until(() => results().length === 2);
  expect(results()).toMatchObject([
    { version: 8, applied: true, reason: "" },
    { version: 9, applied: false, reason: "line 1: bad" },
  ]);
  s.hub.say({ case: "runScript", value: { keyId: "k1", order: new Uint8Array([1]), signature: new Uint8Array([2]) } });
  s.hub.say({ case: "scriptResultAck", value: { executionId: "e1" } });
  await until(() => s.orders.length === 1 && s.acked.length === 1);
  expect(s.orders[0]?.keyId).toBe("k1");
});

test("script output and results go out in order, and pending results again after each connect", async () => {
  const s = await site({
    handlers: {
      onConfig: async () => ({ applied: true }),
      onOrder: () => undefined,
      onCancel: () => undefined,
      pendingScriptResults: () => [create(ScriptResultSchema, { executionId: "earlier" })],
      onScriptResultAcked: () => undefined,
    },
  });
  const output = create(ScriptOutputSchema, { executionId: "e1" });
  expect(s.link.sendScriptOutput(output)).toBe(false);
  s.link.start();
  await until(() => s.link.state() === "streaming");
  expect(s.link.sendScriptOutput(output)).toBe(true);
  expect(s.link.sendScriptResult(create(ScriptResultSchema, { executionId: "e1" }))).toBe(true);
  const scripts = () =>
    s.hub.received.flatMap((m) =>
      m.case === "scriptOutput" || m.case === "scriptResult" ? [[m.case, m.value.executionId]] : [],
    );
  await until(() => scripts().length === 3);
  expect(scripts()).toEqual([
    ["scriptResult", "earlier"],
    ["scriptOutput", "e1"],
    ["scriptResult", "e1"],
  ]);
  s.hub.kill();
  await s.hub.start();
  await until(() => scripts().length === 4);
});

test("a new trust bundle is kept on disk, and one that names no authority is not taken", async () => {
  const s = await site();
  const second = await createTestAuthority();
  s.link.start();
  await until(() => s.link.state() === "streaming");
  s.hub.say({ case: "trust", value: {} });
  s.hub.say({ case: "trust", value: second.trust() });
  await until(() => loadIdentity(s.dir)?.current().trust.certificateAuthorities[0]?.length === second.der.length);
  await until(() =>
    Buffer.from(loadIdentity(s.dir)?.current().trust.certificateAuthorities[0] ?? []).equals(second.der),
  );
  expect(s.link.state()).toBe("streaming");
});

test("a hub or an outbox put back from a copy begins a new numbering instead of dropping events", async () => {
  for (const ackedSeq of [99n, 1n]) {
    const s = await site();
    await append(s.outbox, 6);
    await s.outbox.ack(3n);
    const epoch = s.outbox.epoch();
    s.hub.ackedSeq = (asked) => (asked === epoch ? ackedSeq : (s.hub.stored(asked).at(-1)?.seq ?? 0n));
    s.link.start();
    await until(() => s.outbox.pending().events === 0);
    expect(s.outbox.epoch()).not.toBe(epoch);
    expect(seqs(s)).toEqual(upTo(3));
    expect(s.hub.stored(s.outbox.epoch()).map((e) => e.summary)).toEqual(["event 3", "event 4", "event 5"]);
  }
});
