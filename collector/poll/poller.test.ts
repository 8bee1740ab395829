import { afterAll, expect, test } from "bun:test";
import { type SitePart, sitePartSchema } from "../config/schema.ts";
import { systemTimerClock } from "../device/clock.ts";
import { createSnmpEngine, type SnmpCredential, type SnmpEngine } from "../device/snmp/index.ts";
import { COMMUNITY } from "../device/snmp/snmpd.fixture.ts";
import { startResponder } from "../device/snmp/responder.fixture.ts";
import { loadProfiles } from "../profile/index.ts";
import { startMadeUpDevice } from "./device.fixture.ts";
import { createPoller, type Reading } from "./index.ts";

const engine = createSnmpEngine();
const library = loadProfiles();
afterAll(() => engine.close());

const credentials: SnmpCredential[] = [{ name: "lab", version: "v2c", community: COMMUNITY }];

interface Setting {
  ports: number[];
  poll?: Partial<SitePart["poll"]>;
  onReading?: (reading: Reading) => Promise<void>;
  engine?: SnmpEngine;
}

function startPoller({ ports, poll, onReading, ...other }: Setting) {
  const part = sitePartSchema.parse({
    poll: { intervalMs: 1_000, timeoutMs: 100, retries: 0, ...poll },
    devices: ports.map((port, i) => ({ name: `sw${i + 1}`, address: "127.0.0.1", port, credential: "lab" })),
  });
  const readings: Reading[] = [];
  const errors: string[] = [];
  const poller = createPoller({
    engine: other.engine ?? engine,
    library,
    devices: part.devices,
    credentials,
    poll: part.poll,
    clock: systemTimerClock,
    onReading: async (reading) => {
      readings.push(reading);
      await onReading?.(reading);
    },
    onError: (device, error) => errors.push(`${device}: ${error instanceof Error ? error.message : String(error)}`),
  });
  return { poller, part, readings, errors, of: (name: string) => readings.filter(({ device }) => device === name) };
}

test("every device is polled once an interval, also beside one that never answers", async () => {
  const made = await Promise.all([startMadeUpDevice(), startMadeUpDevice()]);
  const silent = await startResponder(() => undefined);
  const run = startPoller({ ports: [made[0].target().port, silent.target().port, made[1].target().port] });
  run.poller.start();
  await Bun.sleep(3_300);
  await run.poller.stop();
  for (const name of ["sw1", "sw2", "sw3"]) expect(Math.abs(run.of(name).length - 3)).toBeLessThanOrEqual(1);
  expect(new Set(run.of("sw2").map(({ kind }) => kind))).toEqual(new Set(["unanswered"]));
  expect(run.poller.stats).toMatchObject({ inFlight: 0, waiting: 0, overruns: 0 });
  const after = run.readings.length;
  await Bun.sleep(1_200);
  expect(run.readings.length).toBe(after);
  for (const { stop } of [...made, silent]) stop();
});

test("never more polls at one time than allowed, and never two of one device", async () => {
  const made = await Promise.all(Array.from({ length: 6 }, () => startMadeUpDevice()));
  const most = { asked: 0, taken: 0 };
  const under = new Set<string>();
  const run = startPoller({
    ports: made.map(({ target }) => target().port),
    poll: { inFlightMax: 1 },
    onReading: async ({ device }) => {
      expect(under.has(device)).toBe(false);
      under.add(device);
      most.asked = Math.max(most.asked, run.poller.stats.inFlight);
      most.taken = Math.max(most.taken, under.size);
      await Bun.sleep(300);
      under.delete(device);
    },
  });
  await Promise.all(run.part.devices.map(({ name }) => run.poller.pollNow(name)));
  // A disk that is slow holds up the devices whose readings it has yet to keep, and others only when these are many.
  expect(most).toEqual({ asked: 0, taken: 4 });
  run.poller.start();
  await Bun.sleep(2_000);
  await run.poller.stop();
  expect(most.taken).toBe(4);
  expect(run.errors).toEqual([]);
  for (const { stop } of made) stop();
});

test("a poll that takes longer than its interval is counted, and its device named", async () => {
  const made = await startMadeUpDevice();
  const run = startPoller({ ports: [made.target().port], onReading: () => Bun.sleep(1_300) });
  run.poller.start();
  await Bun.sleep(2_600);
  expect(run.poller.stats.overruns).toBeGreaterThanOrEqual(1);
  expect([...run.poller.stats.overrunning]).toEqual(["sw1"]);
  await run.poller.stop();
  made.stop();
});

test("turns missed for want of room are counted apart, and lateness is told while devices wait", async () => {
  const silent = await Promise.all(Array.from({ length: 15 }, () => startResponder(() => undefined)));
  const run = startPoller({ ports: silent.map(({ target }) => target().port), poll: { inFlightMax: 1 } });
  run.poller.start();
  await Bun.sleep(2_000);
  expect(run.poller.stats.latestMs).toBeGreaterThan(500);
  await Bun.sleep(1_500);
  const { crowded, overruns, latestMs, overrunning } = run.poller.stats;
  expect(crowded).toBeGreaterThanOrEqual(2);
  expect(latestMs).toBeGreaterThan(1_000);
  expect({ overruns, overrunning: overrunning.size }).toEqual({ overruns: 0, overrunning: 0 });
  await run.poller.stop();
  for (const { stop } of silent) stop();
});

test("pollNow gives the reading at once, joins a poll under way, and knows no strangers", async () => {
  const made = await startMadeUpDevice();
  const run = startPoller({ ports: [made.target().port], poll: { intervalMs: 60_000 } });
  const [first, second] = await Promise.all([run.poller.pollNow("sw1"), run.poller.pollNow("sw1")]);
  expect(first?.kind).toBe("answered");
  expect(second).toBe(first);
  expect(run.readings.length).toBe(1);
  expect(await run.poller.pollNow("nobody")).toBeUndefined();
  made.stop();
});

test("pollNow waits for room like every poll, and goes first", async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => startMadeUpDevice()));
  const run = startPoller({
    ports: made.map(({ target }) => target().port),
    poll: { inFlightMax: 2, intervalMs: 60_000 },
  });
  const asking = run.part.devices.map(({ name }) => run.poller.pollNow(name));
  expect(run.poller.stats).toMatchObject({ inFlight: 2, waiting: 3 });
  const asked = await Promise.all(asking);
  expect(asked.map((reading) => reading?.kind)).toEqual(Array.from({ length: 5 }, () => "answered"));
  for (const { stop } of made) stop();
});

test("no more polls are under way than their answers have room in the socket", async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => startMadeUpDevice()));
  const run = startPoller({
    ports: made.map(({ target }) => target().port),
    poll: { inFlightMax: 200, intervalMs: 60_000 },
    engine: { ...engine, counters: { ...engine.counters, receiveBufferBytes: 17 * 2_304 } },
  });
  const asking = run.part.devices.map(({ name }) => run.poller.pollNow(name));
  expect(run.poller.stats).toMatchObject({ inFlight: 17, waiting: 3 });
  await Promise.all(asking);
  expect(run.readings).toHaveLength(20);
  for (const { stop } of made) stop();
});

const noSockets = () => Promise.reject(new Error("EMFILE: too many open files"));

test("polls that cannot be made for want of a socket are reported, and say nothing of the device", async () => {
  const broken = createSnmpEngine({ socketFactory: { openShared: noSockets, connect: noSockets } });
  const run = startPoller({ ports: [9], engine: broken });
  run.poller.start();
  await Bun.sleep(1_300);
  await run.poller.stop();
  expect(run.readings).toEqual([]);
  expect(run.errors[0]).toContain("sw1: device sw1 (127.0.0.1:9): not asked, EMFILE");
});

test("a new configuration adds and removes devices and leaves the others alone", async () => {
  const made = await Promise.all([startMadeUpDevice(), startMadeUpDevice()]);
  const [one, two] = made.map(({ target }) => target().port) as [number, number];
  const run = startPoller({ ports: [one] });
  run.poller.start();
  await run.poller.pollNow("sw1");
  const devices = [{ name: "late", address: "127.0.0.1", port: two, credential: "lab" }];
  run.poller.update(sitePartSchema.parse({ devices, poll: run.part.poll }));
  const before = run.of("sw1").length;
  await Bun.sleep(2_200);
  await run.poller.stop();
  expect(run.of("sw1").length).toBe(before);
  expect(run.of("late").length).toBeGreaterThanOrEqual(1);
  for (const { stop } of made) stop();
});

test("a reading that cannot be taken is reported and does not end the schedule", async () => {
  const made = await startMadeUpDevice();
  const run = startPoller({ ports: [made.target().port], onReading: () => Promise.reject(new Error("disk full")) });
  run.poller.start();
  await Bun.sleep(2_300);
  await run.poller.stop();
  expect(run.errors.length).toBeGreaterThanOrEqual(2);
  expect(run.errors[0]).toBe("sw1: disk full");
  made.stop();
});

test("a device whose credential is missing says so", async () => {
  const run = startPoller({ ports: [1] });
  const device = { name: "lost", address: "127.0.0.1", port: 1, credential: "gone" };
  run.poller.update(sitePartSchema.parse({ devices: [device], poll: run.part.poll }));
  expect(await run.poller.pollNow("lost")).toMatchObject({
    kind: "unanswered",
    message: expect.stringContaining('no credential is named "gone"'),
  });
});
