import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { scratchDir } from "../../parts/index.ts";
import { FAULT_NAMES, FaultRequestError, type Lab, startLab } from "../index.ts";
import { answersWithin, ask } from "../probe/index.ts";

const SYS_UPTIME = "1.3.6.1.2.1.1.3.0";
const ENGINE_BOOTS = "1.3.6.1.6.3.10.2.1.2.0";
const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";
const HC_IN = "1.3.6.1.2.1.31.1.1.1.6";
const CPU = "1.3.6.1.2.1.25.3.3.1.2.196608";
const STORAGE_USED = "1.3.6.1.2.1.25.2.3.1.6";
const STORAGE_SIZE = "1.3.6.1.2.1.25.2.3.1.5";
const ENVMON = "1.3.6.1.4.1.9.9.13.1";
const RUNNING_CHANGED = "1.3.6.1.4.1.9.9.43.1.1.1.0";
const CONFIG_SAVED = "1.3.6.1.4.1.9.9.43.1.1.3.0";
const LLDP_REMOTE_NAME = "1.0.8802.1.1.2.1.4.1.1.9";
const UP = 1;
const DOWN = 2;

let aheadMs = 0;
const clock = () => Date.now() + aheadMs;
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ dir: scratchDir("lab-fault"), clock });
});
afterEach(() => void lab.clear());
afterAll(() => lab.stop());

async function read(device: string, ...oids: string[]): Promise<number[]> {
  const answers = await ask("snmpget", lab.siteConfig(), device, ...oids);
  return oids.map((oid) => Number(answers.get(oid) ?? Number.NaN));
}

const answers = (device: string) => answersWithin(3, lab.siteConfig(), device);
const silent = async (device: string) => !(await answersWithin(0.4, lab.siteConfig(), device));

function portIndex(device: string, port: string): number {
  return lab.site.devices.get(device)?.port(port)?.index ?? Number.NaN;
}

async function operStatus(device: string, port: string): Promise<number | undefined> {
  return (await read(device, `${IF_ENTRY}.8.${portIndex(device, port)}`))[0];
}

describe("links", () => {
  test("link-down at the core's uplink takes both ends down and hides what is behind", async () => {
    const fault = lab.inject("link-down");
    expect(fault).toMatchObject({ name: "link-down", device: "core-sw1", interface: "Te1/1" });
    expect(await operStatus("core-sw1", "Te1/1")).toBe(DOWN);
    expect(lab.site.devices.get("fw1")?.port("port1")?.operUp).toBe(false);
    expect([await silent("fw1"), await silent("rtr1"), await answers("core-sw2")]).toEqual([true, true, true]);
    const heard = await ask("snmpbulkwalk", lab.siteConfig(), "core-sw1", LLDP_REMOTE_NAME);
    expect([...heard.values()]).not.toContain("fw1");

    lab.clear(fault.id);
    expect(await operStatus("core-sw1", "Te1/1")).toBe(UP);
    expect(await operStatus("fw1", "port1")).toBe(UP);
    expect(await answers("rtr1")).toBe(true);
  });

  test("traffic stands still while a link is down and goes on afterwards", async () => {
    const oid = `${HC_IN}.${portIndex("dist-sw1", "Te1/1")}`;
    lab.inject("link-down", { device: "dist-sw1", interface: "Te1/1" });
    const cut = await read("dist-sw1", oid);
    aheadMs += 30_000;
    expect(await read("dist-sw1", oid)).toEqual(cut);
    lab.clear();
    aheadMs += 30_000;
    expect((await read("dist-sw1", oid))[0]).toBeGreaterThan(cut[0]!);
  });

  test("a switch with two ways up stays in reach until both are cut", async () => {
    lab.inject("link-down", { device: "acc-sw1", interface: "Te1/1" });
    expect([await answers("acc-sw1"), await answers("ap1")]).toEqual([true, true]);
    lab.inject("link-down", { device: "acc-sw1", interface: "Te1/2" });
    expect([await silent("acc-sw1"), await silent("ap1")]).toEqual([true, true]);
    lab.clear("link-down");
    expect([await answers("acc-sw1"), await answers("ap1")]).toEqual([true, true]);
  });

  test("link-flap goes down and up by itself, and is up once cleared", async () => {
    const port = lab.site.devices.get("dist-sw2")?.port("Te1/3");
    lab.inject("link-flap");
    const seen = new Set<boolean | undefined>();
    for (let waited = 0; seen.size < 2 && waited < 40; waited += 1) {
      seen.add(port?.operUp);
      await Bun.sleep(100);
    }
    expect(seen).toEqual(new Set([true, false]));
    lab.clear();
    expect(await operStatus("dist-sw2", "Te1/3")).toBe(UP);
  });

  test("interface-errors makes input errors rise, at the cost of good packets, until cleared", async () => {
    const index = portIndex("dist-sw1", "Te1/3");
    const oids = [`${IF_ENTRY}.14.${index}`, `${IF_ENTRY}.13.${index}`, `${IF_ENTRY}.11.${index}`];
    lab.inject("interface-errors");
    const [errors = 0, discards = 0] = await read("dist-sw1", ...oids);
    aheadMs += 90_000;
    const [errorsLater = 0, discardsLater = 0] = await read("dist-sw1", ...oids);
    expect((errorsLater - errors) / 90).toBeGreaterThan(40);
    expect(discardsLater).toBeGreaterThan(discards);
    lab.clear();
    const after = await read("dist-sw1", ...oids);
    aheadMs += 60_000;
    expect((await read("dist-sw1", ...oids)).slice(0, 2)).toEqual(after.slice(0, 2));
  });
});

describe("devices", () => {
  test("device-down silences it, takes its neighbours' ports down, and it comes back restarted", async () => {
    const [uptime = 0] = await read("dist-sw2", SYS_UPTIME);
    lab.inject("device-down");
    expect([await silent("dist-sw2"), await silent("acc-sw4"), await answers("acc-sw1")]).toEqual([true, true, true]);
    expect(await operStatus("core-sw1", "Te1/4")).toBe(DOWN);
    lab.clear();
    expect((await read("dist-sw2", SYS_UPTIME))[0]).toBeLessThan(uptime);
    expect(await operStatus("core-sw1", "Te1/4")).toBe(UP);
  });

  test("a device that is down behind a link that is down needs both to be cleared", async () => {
    lab.inject("link-down");
    lab.inject("device-down", { device: "rtr1" });
    lab.clear("link-down");
    expect([await answers("fw1"), await silent("rtr1")]).toEqual([true, true]);
    lab.clear("device-down");
    expect(await answers("rtr1")).toBe(true);
  });

  test("reboot resets uptime and counters, counts the engine's boots, and ends by itself", async () => {
    const index = portIndex("core-sw2", "Te1/2");
    const [uptime = 0, boots = 0, octets = 0] = await read("core-sw2", SYS_UPTIME, ENGINE_BOOTS, `${HC_IN}.${index}`);
    lab.inject("reboot", { device: "core-sw2" });
    expect(await silent("core-sw2")).toBe(true);
    for (let waited = 0; lab.faults().length > 0 && waited < 50; waited += 1) await Bun.sleep(100);
    const after = await read("core-sw2", SYS_UPTIME, ENGINE_BOOTS, `${HC_IN}.${index}`);
    expect(after[0]).toBeLessThan(uptime);
    expect(after[1]).toBe(boots + 1);
    expect(after[2]).toBeLessThan(octets);
  });

  test("slow-agent delays its answers", async () => {
    const startedMs = performance.now();
    lab.inject("slow-agent");
    expect(await answers("acc-sw4")).toBe(true);
    expect(performance.now() - startedMs).toBeGreaterThan(850);
  });

  test("renumber moves indexes while every name stays, and clearing brings the old ones back", async () => {
    const names = () => ask("snmpbulkwalk", lab.siteConfig(), "acc-sw2", IF_NAME);
    const before = await names();
    lab.inject("renumber", { seed: 11 });
    lab.clear();
    lab.inject("renumber", { device: "acc-sw2", seed: 11 });
    const after = await names();
    expect([...after.values()].toSorted()).toEqual([...before.values()].toSorted());
    expect(after).not.toEqual(before);
    lab.clear();
    expect(await names()).toEqual(before);
  });

  test("config-change dates the running configuration, and clearing saves it", async () => {
    const [changed = 0] = await read("core-sw1", RUNNING_CHANGED);
    lab.inject("config-change");
    const [uptime = 0, changedNow = 0, saved = 0] = await read("core-sw1", SYS_UPTIME, RUNNING_CHANGED, CONFIG_SAVED);
    expect(changedNow).toBeGreaterThan(changed);
    expect(uptime - changedNow).toBeLessThan(500);
    expect(saved).toBeLessThan(changedNow);
    lab.clear();
    expect((await read("core-sw1", CONFIG_SAVED))[0]).toBeGreaterThanOrEqual(changedNow);
  });
});

async function usageOf(device: string, storage: number): Promise<number> {
  const [used = 0, size = 1] = await read(device, `${STORAGE_USED}.${storage}`, `${STORAGE_SIZE}.${storage}`);
  return used / size;
}

describe("health", () => {
  test("cpu-high shows in every processor's load", async () => {
    expect((await read("dist-sw1", CPU))[0]).toBeLessThan(60);
    lab.inject("cpu-high");
    expect((await read("dist-sw1", CPU))[0]).toBeGreaterThanOrEqual(95);
    lab.clear();
    expect((await read("dist-sw1", CPU))[0]).toBeLessThan(60);
  });

  for (const { name, device, storage } of [
    { name: "memory-leak", device: "acc-sw3", storage: 1 },
    { name: "disk-filling", device: "srv1", storage: 32 },
  ]) {
    test(`${name} fills by and by, and clearing frees it`, async () => {
      const usual = await usageOf(device, storage);
      lab.inject(name);
      aheadMs += 75_000;
      const half = await usageOf(device, storage);
      aheadMs += 80_000;
      expect(half).toBeGreaterThan(usual + 0.1);
      expect(await usageOf(device, storage)).toBeGreaterThan(0.95);
      lab.clear();
      expect(await usageOf(device, storage)).toBeLessThan(half);
    });
  }

  test("fan-failure stops the fan, says so, and the device warms up", async () => {
    const oids = [
      "1.3.6.1.2.1.99.1.1.1.4.1051",
      "1.3.6.1.2.1.99.1.1.1.5.1051",
      `${ENVMON}.4.1.3.1`,
      `${ENVMON}.3.1.3.1`,
    ];
    const [rpm = 0, , state, celsius = 0] = await read("core-sw1", ...oids);
    expect([rpm > 9_000, state]).toEqual([true, 1]);
    lab.inject("fan-failure");
    aheadMs += 120_000;
    const [rpmNow, status, stateNow, celsiusNow] = await read("core-sw1", ...oids);
    expect([rpmNow, status, stateNow]).toEqual([0, 3, 3]);
    expect(celsiusNow).toBeGreaterThan(celsius + 5);
    lab.clear();
    expect((await read("core-sw1", ...oids)).slice(1, 3)).toEqual([1, 1]);
  });

  test("psu-failure shows in the supply's state; a UPS runs on battery", async () => {
    const supply = `${ENVMON}.5.1.3.2`;
    const upsOutput = "1.3.6.1.2.1.33.1.4.1.0";
    expect([await read("core-sw2", supply), await read("ups1", upsOutput)]).toEqual([[1], [3]]);
    lab.inject("psu-failure");
    lab.inject("psu-failure", { device: "ups1" });
    expect([await read("core-sw2", supply), await read("ups1", upsOutput)]).toEqual([[6], [5]]);
    lab.clear();
    expect([await read("core-sw2", supply), await read("ups1", upsOutput)]).toEqual([[1], [3]]);
  });
});

test("uplink-cut refuses connections to the hub until it is cleared; devices answer all the while", async () => {
  const hub = createServer((socket) => socket.end("hub"));
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
  const address = hub.address();
  lab.uplink.link.setTarget(`127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  const greeting = () =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port: lab.uplink.link.port });
      socket.once("data", (data) => resolve(data.toString()));
      socket.on("error", () => resolve("refused"));
      socket.on("close", () => resolve("refused"));
    });
  expect(await greeting()).toBe("hub");
  lab.inject("uplink-cut");
  expect([await greeting(), await answers("rtr1")]).toEqual(["refused", true]);
  lab.clear();
  expect(await greeting()).toBe("hub");
  hub.close();
});

function place(seed: number): string {
  const { device, interface: port } = lab.inject("link-down", { seed });
  lab.clear();
  return `${device} ${port}`;
}

describe("asking for faults", () => {
  test("every fault can be injected with nothing but its name, all at once, and cleared", () => {
    for (const name of FAULT_NAMES) lab.inject(name);
    expect(lab.faults().map((fault) => fault.name)).toEqual([...FAULT_NAMES]);
    expect(new Set(lab.faults().map((fault) => fault.id)).size).toBe(FAULT_NAMES.length);
    lab.clear();
    expect(lab.faults()).toEqual([]);
    for (const device of lab.site.devices.values()) expect(lab.site.reachable(device)).toBe(true);
  });

  test("a seed chooses the place, the same one each time", () => {
    expect(place(3)).toBe(place(3));
    expect(new Set([1, 2, 3, 4, 5, 6].map(place)).size).toBeGreaterThan(1);
  });

  test("names what is known when something is not there", () => {
    expect(() => lab.inject("link-dwon")).toThrow(/no fault "link-dwon"; known: device-down, link-down/);
    expect(() => lab.inject("cpu-high", { device: "sw9" })).toThrow(/no device "sw9"; known: core-sw1/);
    expect(() => lab.inject("link-down", { interface: "Te9/9" })).toThrow(
      /core-sw1 has no interface "Te9\/9"; it has Te1\/1/,
    );
    expect(() => lab.inject("disk-filling", { device: "fw1" })).toThrow("disk-filling cannot hit fw1; it fits srv1");
    expect(() => lab.clear("cpu-high")).toThrow(FaultRequestError);
    lab.inject("cpu-high");
    expect(() => lab.inject("cpu-high")).toThrow(/is on there already/);
  });
});
