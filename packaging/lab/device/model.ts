import type { ModelName } from "../topology/index.ts";

const GIGABIT = 1e9;
const TEN_GIGABIT = 1e10;

export interface PortGroup {
  /** ifName up to the number: Te1/, Gi1/0/ */
  prefix: string;
  /** ifDescr up to the number. */
  longPrefix: string;
  numbers: readonly number[];
  speedBps: number;
  /** ifIndex of the first; the others follow. */
  firstIndex: number;
}

/** Facts of a product: what it says of itself and what it is made of. */
export interface Model {
  vendor: "cisco" | "fortinet" | "apc" | "aruba" | "net-snmp";
  product: string;
  objectId: string;
  description: string;
  softwareVersion: string;
  /** IANA enterprise number, for the engine id. */
  enterprise: number;
  /** First three bytes of its MAC addresses. */
  oui: readonly [number, number, number];
  ports: readonly PortGroup[];
  processors: number;
  memoryBytes: number;
  temperatures: readonly string[];
  fans: readonly string[];
  fanRpm: number;
  powerSupplies: readonly string[];
}

function ports(prefix: string, longPrefix: string, count: number, speedBps: number, firstIndex: number): PortGroup {
  return { prefix, longPrefix, numbers: Array.from({ length: count }, (_, i) => i + 1), speedBps, firstIndex };
}

/** A single port. */
function port(prefix: string, number: number, speedBps: number, index: number, longPrefix = prefix): PortGroup {
  return { prefix, longPrefix, numbers: [number], speedBps, firstIndex: index };
}

const CISCO = { vendor: "cisco", enterprise: 9, oui: [0x00, 0x1b, 0x54] } as const;

export const MODELS: Record<ModelName, Model> = {
  "catalyst-9500": {
    ...CISCO,
    product: "C9500-24Y4C",
    objectId: "1.3.6.1.4.1.9.1.2593",
    description:
      "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)",
    softwareVersion: "17.9.4a",
    ports: [
      ports("Te1/", "TenGigabitEthernet1/", 8, TEN_GIGABIT, 1),
      ports("Gi1/0/", "GigabitEthernet1/0/", 48, GIGABIT, 101),
    ],
    processors: 4,
    memoryBytes: 16 * 2 ** 30,
    temperatures: ["Inlet", "Outlet", "ASIC 0"],
    fans: ["Fan Tray 1", "Fan Tray 2"],
    fanRpm: 9_800,
    powerSupplies: ["Power Supply A", "Power Supply B"],
  },
  "catalyst-9300": {
    ...CISCO,
    product: "C9300-24T",
    objectId: "1.3.6.1.4.1.9.1.2494",
    description:
      "Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.3.5, RELEASE SOFTWARE (fc2)",
    softwareVersion: "17.3.5",
    ports: [
      ports("Te1/", "TenGigabitEthernet1/", 8, TEN_GIGABIT, 1),
      ports("Gi1/0/", "GigabitEthernet1/0/", 24, GIGABIT, 101),
    ],
    processors: 4,
    memoryBytes: 8 * 2 ** 30,
    temperatures: ["Inlet", "Hotspot"],
    fans: ["Switch 1 FAN 1", "Switch 1 FAN 2"],
    fanRpm: 5_600,
    powerSupplies: ["Switch 1 Power Supply A", "Switch 1 Power Supply B"],
  },
  "catalyst-2960x": {
    ...CISCO,
    product: "WS-C2960X-24TD-L",
    objectId: "1.3.6.1.4.1.9.1.1208",
    description:
      "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E7, RELEASE SOFTWARE (fc2)",
    softwareVersion: "15.2(7)E7",
    ports: [
      ports("Te1/", "TenGigabitEthernet1/", 2, TEN_GIGABIT, 10_201),
      ports("Gi1/0/", "GigabitEthernet1/0/", 24, GIGABIT, 10_101),
    ],
    processors: 1,
    memoryBytes: 512 * 2 ** 20,
    temperatures: ["SW#1 Sensor#1"],
    fans: ["Switch#1 Fan#1"],
    fanRpm: 4_200,
    powerSupplies: ["Sw1 PS1 Normal RPS NotExist"],
  },
  "isr-4331": {
    ...CISCO,
    product: "ISR4331/K9",
    objectId: "1.3.6.1.4.1.9.1.2068",
    description:
      "Cisco IOS Software [Fuji], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.9.8, RELEASE SOFTWARE",
    softwareVersion: "16.9.8",
    ports: [
      port("Gi0/0/", 0, GIGABIT, 1, "GigabitEthernet0/0/"),
      port("Gi0/0/", 1, GIGABIT, 2, "GigabitEthernet0/0/"),
      port("Gi0/0/", 2, GIGABIT, 3, "GigabitEthernet0/0/"),
    ],
    processors: 2,
    memoryBytes: 4 * 2 ** 30,
    temperatures: ["Inlet 1", "CPU"],
    fans: ["Fan Tray"],
    fanRpm: 7_100,
    powerSupplies: ["Power Supply Module 0"],
  },
  "fortigate-200f": {
    vendor: "fortinet",
    enterprise: 12_356,
    oui: [0x00, 0x09, 0x0f],
    product: "FGT_200F",
    objectId: "1.3.6.1.4.1.12356.101.1.2011",
    description: "FortiGate-200F v7.2.8",
    softwareVersion: "v7.2.8,build1639",
    ports: [port("wan", 1, GIGABIT, 1), port("wan", 2, GIGABIT, 2), ports("port", "port", 8, TEN_GIGABIT, 3)],
    processors: 8,
    memoryBytes: 8 * 2 ** 30,
    temperatures: ["CPU ON-DIE"],
    fans: ["FAN1", "FAN2"],
    fanRpm: 6_500,
    powerSupplies: ["PS1", "PS2"],
  },
  "smart-ups-1500": {
    vendor: "apc",
    enterprise: 318,
    oui: [0x00, 0xc0, 0xb7],
    product: "Smart-UPS 1500",
    objectId: "1.3.6.1.4.1.318.1.3.27",
    description: "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.9.6 AF1:v6.9.6 MN:AP9630 HR:05)",
    softwareVersion: "v6.9.6",
    ports: [port("eth", 0, 1e8, 2)],
    processors: 1,
    memoryBytes: 64 * 2 ** 20,
    temperatures: ["Battery"],
    fans: [],
    fanRpm: 0,
    powerSupplies: [],
  },
  "iap-305": {
    vendor: "aruba",
    enterprise: 14_823,
    oui: [0x20, 0x4c, 0x03],
    product: "AP-305",
    objectId: "1.3.6.1.4.1.14823.1.2.86",
    description: "ArubaOS (MODEL: 305), Version 8.10.0.6-8.10.0.6",
    softwareVersion: "8.10.0.6",
    ports: [port("eth", 0, GIGABIT, 1), { ...ports("radio", "radio", 2, 8.67e8, 2), numbers: [0, 1] }],
    processors: 2,
    memoryBytes: 512 * 2 ** 20,
    temperatures: ["Board"],
    fans: [],
    fanRpm: 0,
    powerSupplies: [],
  },
  "linux-server": {
    vendor: "net-snmp",
    enterprise: 8_072,
    oui: [0x52, 0x54, 0x00],
    product: "PowerEdge R450",
    objectId: "1.3.6.1.4.1.8072.3.2.10",
    description: "Linux srv1 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 x86_64",
    softwareVersion: "6.1.0-28-amd64",
    ports: [port("eth", 0, GIGABIT, 2), port("eth", 1, GIGABIT, 3)],
    processors: 8,
    memoryBytes: 32 * 2 ** 30,
    temperatures: ["Core 0", "Core 4"],
    fans: ["Fan1A", "Fan2A"],
    fanRpm: 8_300,
    powerSupplies: ["PS1", "PS2"],
  },
};
