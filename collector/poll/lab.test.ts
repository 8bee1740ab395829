import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Lab, startLab } from "../../packaging/lab/index.ts";
import { scratchDir } from "../../packaging/parts/index.ts";
import { configSchema, sitePartSchema } from "../config/schema.ts";
import { systemTimerClock } from "../device/clock.ts";
import { createSnmpEngine } from "../device/snmp/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { type Answered, createPoller, type Reading } from "./index.ts";

let lab: Lab;
const engine = createSnmpEngine();

beforeAll(async () => {
  lab = await startLab({ dir: scratchDir("lab"), control: false });
});
afterAll(async () => {
  engine.close();
  await lab.stop();
});

function site() {
  const { devices, credentials, poll } = lab.siteConfig();
  const part = sitePartSchema.parse({ devices, poll: { ...poll, intervalMs: 60_000 } });
  return { part, credentials: configSchema.shape.credentials.parse(credentials) };
}

test("every device of the lab is read, over v1, v2c and v3", async () => {
  const { part, credentials } = site();
  const readings = new Map<string, Reading>();
  const errors: unknown[] = [];
  const poller = createPoller({
    engine,
    library: loadProfiles(),
    devices: part.devices,
    credentials,
    poll: part.poll,
    clock: systemTimerClock,
    onReading: async (reading) => void readings.set(reading.device, reading),
    onError: (_, error) => errors.push(error),
  });
  await Promise.all(part.devices.map(({ name }) => poller.pollNow(name)));
  await poller.stop();
  expect(errors).toEqual([]);
  expect([...readings.values()].filter(({ kind }) => kind !== "answered")).toEqual([]);
  expect(readings.size).toBeGreaterThanOrEqual(24);

  const core = readings.get("core-sw1") as Answered;
  expect(core.profile).toBe("cisco-ios");
  expect(core.interfaces.map(({ name }) => name)).toContain("Te1/1");
  expect(core.neighbours).toContainEqual(expect.objectContaining({ localPort: "Te1/1", remoteSystem: "fw1" }));
  expect(core.sensors.map(({ class: kind }) => kind)).toEqual(
    expect.arrayContaining(["temperature", "fan", "power-supply"]),
  );
  expect(core.metrics.map(({ name }) => name)).toContain("config_last_changed_ticks");
  expect(core.processors.length).toBeGreaterThan(0);
  expect(core.system.serial).not.toBe("");
  const supply = [...readings.values()].find((reading) => reading.kind === "answered" && reading.profile === "apc-ups");
  expect((supply as Answered).sensors).toContainEqual(expect.objectContaining({ class: "battery", unit: "ratio" }));
});
