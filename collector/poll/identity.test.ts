import { expect, test } from "bun:test";
import { createSnmpEngine, type Target } from "../device/snmp/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { readRecording, serveRecording } from "../profile/recording/index.ts";
import { newDeviceState, pollDevice } from "./index.ts";

const library = loadProfiles();

/** Who a device is by what it says of itself alone, with more variables where it has them. */
async function whoIs(objectId: string, description: string, ...more: string[]): Promise<string[]> {
  const hex = Buffer.from(description).toString("hex");
  const own = [`1.3.6.1.2.1.1.1.0|4x|${hex}`, `1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.${objectId}`, "1.3.6.1.2.1.1.3.0|67|9"];
  const served = await serveRecording(readRecording(Buffer.from([...own, ...more].join("\n"))));
  const engine = createSnmpEngine();
  const { address, port, community } = served;
  const credential = { name: "recording", version: "v2c", community } as const;
  const target: Target = { name: "device", address, port, credential, timeoutMs: 1_000, retries: 2 };
  const reading = await pollDevice({ engine, library, target, state: newDeviceState(), budgetMs: 10_000 });
  engine.close();
  served.close();
  if (reading.kind !== "answered") throw new Error(reading.message);
  const { vendor, os, model, osVersion, serial } = reading.system;
  return [vendor, os, model, osVersion, serial];
}

const SAYINGS: [objectId: string, description: string, expected: string[]][] = [
  [
    "9.1.99999",
    "Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.3.4, RELEASE SOFTWARE",
    ["Cisco", "IOS XE", "CAT9K", "17.3.4", ""],
  ],
  [
    "2636.1.1.1.2.999",
    "Juniper Networks, Inc. qfx5100-48s-6q Ethernet Switch, kernel JUNOS 17.3R3.10, Build date: 2018",
    ["Juniper", "Junos", "qfx5100-48s-6q", "17.3R3.10", ""],
  ],
  [
    "11.2.3.7.11.999",
    "Aruba JL261A 2930F-24G-PoE+-4SFP Switch, revision WC.16.08.0001, ROM WC.16.01.0006",
    ["HPE", "ProCurve", "2930F-24G-PoE+-4SFP", "WC.16.08.0001", ""],
  ],
  [
    "2011.2.23.999",
    "Huawei Versatile Routing Platform Software VRP (R) software,Version 5.150 (S5700 V200R005C00SPC500)\r\nQuidway S5700",
    ["Huawei", "VRP", "", "V200R005C00SPC500", ""],
  ],
  [
    "12325.1.1.2.1.1",
    "pfSense gw.example 2.4.4-RELEASE FreeBSD 11.2-RELEASE-p4 amd64",
    ["Netgate", "pfSense", "", "2.4.4-RELEASE", ""],
  ],
  [
    "4196.1.1.5.2.999",
    "Siemens, SIMATIC NET, SCALANCE X204IRT, 6GK5 204-0BA00, HW: Version 8, FW: Version V05.04.02, SVPF1234567",
    ["Siemens", "SCALANCE", "SCALANCE X204IRT", "V05.04.02", "VPF1234567"],
  ],
  [
    "318.1.3.999",
    "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.4.0 AN1:apc_hw05_sumx_640.bin MN:AP9630 HR:08 SN: ZA1234567890)",
    ["APC", "APC AOS", "AP9630", "6.4.0", "ZA1234567890"],
  ],
  // A number in a family of its own goes before the models of the whole maker.
  ["9.6.1.83.10.1", "SG300-10 10-Port Gigabit Managed Switch", ["Cisco", "Cisco Small Business", "SG300-10", "", ""]],
  ["8741.1", "SonicWALL TZ 300 (SonicOS Enhanced 6.5.0.2-8n)", ["SonicWall", "SonicOS", "TZ 300", "6.5.0.2-8n", ""]],
  ["1916.2.325", "VSP-4450GSX-PWR+ (6.1.6.0)", ["Extreme Networks", "VOSS", "VSP-4450GSX-PWR+", "6.1.6.0", ""]],
  [
    "25506.11.1.99",
    "HPE Comware Platform Software, Software Version 7.1.070, Release 3111P07 HPE FF 5940 2-slot Switch Copyright (c) 2010",
    ["HPE", "Comware", "FF 5940 2-slot Switch", "7.1.070", ""],
  ],
  ["41112.1.4", "Linux 2.6.33.8 #1 Fri Jun 8 mips", ["Ubiquiti", "airOS", "", "", ""]],
  [
    "11256.2.0",
    "SN510A-SN510XA01A1234A7 Stormshield Network Firmware 3.7.4",
    ["Stormshield", "SNS", "SN510A", "3.7.4", "SN510XA01A1234A7"],
  ],
  [
    "3224.1.51",
    "NetScreen-ISG 1000 version 6.3.0r19.0 (SN: 0133012345, Firewall+VPN)",
    ["Juniper", "ScreenOS", "NetScreen-ISG 1000", "6.3.0r19.0", "0133012345"],
  ],
  // Nothing knows this one: the number says nothing, the words say what such words usually say.
  ["99999.5", "ACME Router X500 version 1.2.3 S/N: AB12345", ["", "", "", "1.2.3", "AB12345"]],
  // A vendor without a profile of its own is known by its enterprise number.
  ["39052.1.4", "A controller", ["Vutlan", "", "", "", ""]],
];

test.each(SAYINGS)("%s says who it is in its own words", async (objectId, description, expected) => {
  expect(await whoIs(objectId, description)).toEqual(expected);
});

test("an appliance on a general agent is known by what only it answers", async () => {
  const words = "Linux nas 4.4.59 #25426 SMP x86_64";
  const synology = ["1.5.1.0|4|DS920+", "1.5.2.0|4|20A0ABC123", "1.5.3.0|4|DSM 7.1-42661"];
  const own = synology.map((line) => `1.3.6.1.4.1.6574.${line}`);
  expect(await whoIs("8072.3.2.10", words, ...own)).toEqual(["Synology", "DSM", "DS920+", "7.1-42661", "20A0ABC123"]);
  expect((await whoIs("8072.3.2.10", words)).slice(0, 2)).toEqual(["net-snmp", "Linux"]);
});

const entity = (column: number, row: number, value: string) => `1.3.6.1.2.1.47.1.1.1.1.${column}.${row}|${value}`;

test("ENTITY-MIB tells the chassis, never one of its modules, and what says nothing counts as nothing", async () => {
  const parts = [entity(5, 1, "2|10"), entity(5, 2, "2|3"), entity(5, 3, "2|3")];
  const models = [entity(13, 1, "4|MODULE"), entity(13, 2, "4|N/A"), entity(13, 3, "4|CHASSIS-9")];
  expect((await whoIs("99999.6", "", ...parts, ...models))[2]).toBe("CHASSIS-9");
});
