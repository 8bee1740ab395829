import { expect, test } from "bun:test";
import { createSnmpEngine, type Target } from "../../device/snmp/index.ts";
import { loadProfiles } from "../../profile/index.ts";
import { readRecording, serveRecording } from "../../profile/recording/index.ts";
import { newDeviceState, pollDevice } from "../index.ts";
import { numberOf } from "./number.ts";

const library = loadProfiles();

/** What a poll reads of a device that answers these lines; `~` is where vendors have their numbers. */
async function read(...lines: string[]) {
  const text = ["1.3.6.1.2.1.1.3.0|67|9", ...lines].join("\n").replaceAll("~", "1.3.6.1.4.1");
  const served = await serveRecording(readRecording(Buffer.from(text)));
  const engine = createSnmpEngine();
  const { address, port, community } = served;
  const credential = { name: "recording", version: "v2c", community } as const;
  const target: Target = { name: "device", address, port, credential, timeoutMs: 1_000, retries: 2 };
  const reading = await pollDevice({ engine, library, target, state: newDeviceState(), budgetMs: 10_000 });
  engine.close();
  served.close();
  if (reading.kind !== "answered") throw new Error(reading.message);
  return reading;
}

const objectId = (text: string) => `1.3.6.1.2.1.1.2.0|6|${text}`;
const description = (text: string) => `1.3.6.1.2.1.1.1.0|4x|${Buffer.from(text).toString("hex")}`;
const ENTITY = "1.3.6.1.2.1.47.1.1.1.1";
const SENSOR = "1.3.6.1.2.1.99.1.1.1";

const told = ({ sensors }: Awaited<ReturnType<typeof read>>) =>
  sensors.map(({ class: kind, name, value, unit, state }) => `${kind} ${name} ${value} ${unit} ${state}`);

test.each<[string, string]>([
  ["4115.1.20.1.1.2", "Arris"],
  ["31926.9", "Siklu"],
  ["9303.4", "Waystream"],
  ["39052.1", "Vutlan"],
  ["999999.4", ""],
])("enterprise number %s is %s, whatever the profile", async (number, vendor) => {
  expect((await read(objectId(`~.${number}`))).system.vendor).toBe(vendor);
});

test.each<[string, string, string]>([
  ["SG-2424PX", "SG-2424PX", ""],
  ["MGS3750-28, firmware V4.30", "MGS3750-28", "4.30"],
  ["Some device; model: QX-200; hw 3", "QX-200", ""],
  ["Cable modem <<HW_REV: 7.0; VENDOR: Acme; BOOTR: 1; SW_REV: 9.1.103J6; MODEL: CM820A>>", "CM820A", "9.1.103J6"],
  ["Linux gate01 5.10.0-8 #1 SMP x86_64", "x86_64", "5.10.0-8"],
  ["A box of no words", "", ""],
])("sysDescr of nobody we know: %s", async (text, model, version) => {
  const { system } = await read(objectId("~.999999.4"), description(text));
  expect([system.model, system.osVersion]).toEqual([model, version]);
});

test("parts without a class tell model and serial number, but a chassis goes before them", async () => {
  const parts = [`${ENTITY}.13.5|4|CARD-5`, `${ENTITY}.11.5|4|S5`];
  expect((await read(...parts)).system).toMatchObject({ model: "CARD-5", serial: "S5" });
  const known = [`${ENTITY}.5.5|2|9`];
  expect((await read(...parts, ...known)).system).toMatchObject({ model: "", serial: "" });
  const chassis = [`${ENTITY}.5.7|2|3`, `${ENTITY}.13.7|4|BOX-7`, `${ENTITY}.11.7|4|S7`];
  expect((await read(...parts, ...chassis)).system).toMatchObject({ model: "BOX-7", serial: "S7" });
});

const hostDevice = (at: number, kind: number, text: string) => [
  `1.3.6.1.2.1.25.3.2.1.2.${at}|6|1.3.6.1.2.1.25.3.1.${kind}`,
  `1.3.6.1.2.1.25.3.2.1.3.${at}|4|${text}`,
  `1.3.6.1.2.1.25.3.2.1.5.${at}|2|2`,
];

test("the only printer among the devices of a host names it, never its processor", async () => {
  expect((await read(...hostDevice(1, 3, "GenuineIntel: Xeon"))).system.model).toBe("");
  const both = await read(...hostDevice(1, 3, "GenuineIntel: Xeon"), ...hostDevice(2, 5, "LaserJet 4"));
  expect(both.system.model).toBe("LaserJet 4");
});

test("an entity sensor has its base unit; without a name it goes by its description", async () => {
  const kinds = [`${SENSOR}.1.4|2|8`, `${SENSOR}.1.5|2|4`, `${SENSOR}.1.6|2|14`];
  const scales = [`${SENSOR}.2.4|2|9`, `${SENSOR}.2.5|2|8`, `${SENSOR}.2.6|2|9`];
  const places = [`${SENSOR}.3.4|2|1`, `${SENSOR}.3.5|2|0`, `${SENSOR}.3.6|2|2`];
  const values = [`${SENSOR}.4.4|2|415`, `${SENSOR}.4.5|2|3300`, `${SENSOR}.4.6|2|-523`];
  const names = [`${ENTITY}.7.5|4|3V3`, `${ENTITY}.2.4|4|Inlet`, `${SENSOR}.5.6|2|3`];
  expect(told(await read(...kinds, ...scales, ...places, ...values, ...names))).toEqual([
    "temperature Inlet 41.5 celsius ok",
    "voltage 3V3 3.3 volts ok",
    "optical-power optical-power 6 null dbm failed",
  ]);
});

const firewallPart = (at: number, name: string, value: string, alarm: number) =>
  [`2.${at}|4|${name}`, `3.${at}|4|${value}`, `4.${at}|2|${alarm}`].map((end) => `~.12356.101.4.3.2.1.${end}`);

test("what a firewall calls its parts tells their class, and each row comes once", async () => {
  const rows = [
    firewallPart(1, "CPU Temp", "41.5", 0),
    firewallPart(2, "PS1 Fan 1", "8900", 1),
    firewallPart(3, "PS1 Status", "0", 0),
  ];
  const reading = await read(objectId("~.12356.101.1.9999"), ...rows.flat(), ...firewallPart(4, "+12V", "12.08", 0));
  expect(told(reading)).toEqual([
    "temperature CPU Temp 41.5 celsius ok",
    "fan PS1 Fan 1 8900 rpm failed",
    "power-supply PS1 Status null  ok",
    "voltage +12V 12.08 volts ok",
  ]);
});

const fanCell = (column: number, value: string) => `~.47196.4.1.1.3.11.5.1.1.${column}.1.1.1|${value}`;

const gauge = (at: number, name: string, value: number, unit: number) =>
  [`2.${at}|4|${name}`, `3.${at}|66|${value}`, `4.${at}|2|${unit}`].map((end) => `~.14988.1.1.3.100.1.${end}`);

test("a state may be a word, and a kind a number beside the value", async () => {
  const reading = await read(
    objectId("~.47196.4.1.1.1.1"),
    fanCell(4, "4|1/1/1"),
    fanCell(5, "4|Fault"),
    fanCell(8, "2|0"),
  );
  expect(told(reading)).toEqual(["fan 1/1/1 0 rpm failed"]);
  const board = await read(objectId("~.14988.1"), ...gauge(14, "voltage", 241, 3), ...gauge(17, "fan1-speed", 4200, 2));
  expect(told(board).toSorted()).toEqual(["fan fan1-speed 4200 rpm ok", "voltage voltage 24.1 volts ok"]);
});

const countOf = (text: string, bytes: number[] = []) => numberOf({ number: NaN, text, bytes: Uint8Array.from(bytes) });

test("numbers in words count: with a unit behind them, or as a float in an Opaque", async () => {
  expect(["41.5", "-3", "23 C", "70%", "12.1V"].map((text) => countOf(text))).toEqual([41.5, -3, 23, 70, 12.1]);
  for (const text of ["", "ok", "1:30", "10.0.0.1", "2024-01-02", "0x1f", "1,5"]) expect(countOf(text)).toBeNaN();
  expect(countOf("", [0x9f, 0x78, 4, 0x42, 0x26, 0, 0])).toBe(41.5);
  expect(countOf("", [0x9f, 0x78, 4, 0x42])).toBeNaN();
  const gate = await read(
    objectId("~.2620.1.6.123"),
    "~.2620.1.6.7.8.1.1.2.1.0|4|CPU",
    "~.2620.1.6.7.8.1.1.3.1.0|4|47.3",
  );
  expect(told(gate)).toContain("temperature CPU 47.3 celsius ok");
});

const LLDP_V2 = "1.3.111.2.802.1.1.13.1";

test("LLDP of the second edition gives links, and an agent of both editions tells of each once", async () => {
  const port = [
    "1.3.6.1.2.1.2.2.1.2.49|4|Ethernet49",
    "1.3.6.1.2.1.2.2.1.8.49|2|1",
    "1.3.6.1.2.1.31.1.1.1.1.49|4|Et49",
  ];
  const second = [`${LLDP_V2}.4.1.1.8.0.49.1.1|4|Te1/1`, `${LLDP_V2}.4.1.1.10.0.49.1.1|4|core-sw1`];
  const link = { localPort: "Et49", remoteSystem: "core-sw1", remotePort: "Te1/1", protocol: "lldp" };
  expect((await read(...port, ...second)).neighbours).toEqual([expect.objectContaining(link)]);
  const first = ["1.0.8802.1.1.2.1.4.1.1.7.0.49.1|4|Te1/1", "1.0.8802.1.1.2.1.4.1.1.9.0.49.1|4|core-sw1"];
  expect((await read(...port, ...second, ...first)).neighbours).toEqual([expect.objectContaining(link)]);
});

test("a switch of an unknown name that runs known software has its processor, fans and serial number", async () => {
  const own = ["~.89.1.9.0|2|17", "~.89.53.14.1.5.1|4|ES2B01", "~.89.83.1.1.1.2.1|4|fan1", "~.89.83.1.1.1.3.1|2|3"];
  const reading = await read(objectId("~.35265.1.999"), description("MES2324B 24-port switch"), ...own);
  expect(reading.system).toMatchObject({ vendor: "Eltex", model: "MES2324B", serial: "ES2B01" });
  expect(reading.processors).toMatchObject([{ usageRatio: 0.17 }]);
  expect(told(reading)).toEqual(["fan fan1 null  failed"]);
});

test("whom a vendor's own protocol heard is a link, unless LLDP tells of it too", async () => {
  const port = ["1.3.6.1.2.1.2.2.1.2.3|4|ether3", "1.3.6.1.2.1.2.2.1.8.3|2|1"];
  const heard = ["~.14988.1.1.11.1.1.6.9|4|gate-2", "~.14988.1.1.11.1.1.8.9|2|3"];
  const link = { localPort: "ether3", remoteSystem: "gate-2", remotePort: "", protocol: "mndp" };
  expect((await read(objectId("~.14988.1"), ...port, ...heard)).neighbours).toEqual([expect.objectContaining(link)]);
  const told = ["1.0.8802.1.1.2.1.4.1.1.7.0.3.1|4|ether1", "1.0.8802.1.1.2.1.4.1.1.9.0.3.1|4|gate-2.example"];
  expect((await read(objectId("~.14988.1"), ...port, ...heard, ...told)).neighbours).toMatchObject([
    { remotePort: "ether1", protocol: "lldp" },
  ]);
});
