/** The site on paper: which devices there are and what is plugged where. Addresses follow the order of this list. */
export type Role = "core" | "distribution" | "access" | "router" | "firewall" | "ups" | "access-point" | "server";

export interface PlannedDevice {
  name: string;
  role: Role;
  model: ModelName;
  credential: CredentialName;
}

export type ModelName =
  | "catalyst-9500"
  | "catalyst-9300"
  | "catalyst-2960x"
  | "isr-4331"
  | "fortigate-200f"
  | "smart-ups-1500"
  | "iap-305"
  | "linux-server";

export type CredentialName =
  | "lab-v2c"
  | "lab-v1"
  | "core-v3"
  | "firewall-v3"
  | "router-v3"
  | "access-v3-signed"
  | "access-v3-des";

export interface PlannedLink {
  a: { device: string; port: string };
  b: { device: string; port: string };
}

/** Where the site's collector is plugged in; what it can reach is counted from here. */
export const COLLECTOR_PLACE = { device: "core-sw1", port: "Gi1/0/48" };

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

export const PLANNED_DEVICES: readonly PlannedDevice[] = [
  ...numbered("core-sw", 2).map((name) => planned(name, "core", "catalyst-9500", "core-v3")),
  planned("fw1", "firewall", "fortigate-200f", "firewall-v3"),
  planned("rtr1", "router", "isr-4331", "router-v3"),
  ...numbered("dist-sw", 4).map((name) => planned(name, "distribution", "catalyst-9300", "lab-v2c")),
  ...numbered("acc-sw", 8).map((name) => planned(name, "access", "catalyst-2960x", accessCredential(name))),
  ...numbered("ap", 8).map((name) => planned(name, "access-point", "iap-305", "lab-v2c")),
  planned("ups1", "ups", "smart-ups-1500", "lab-v1"),
  planned("srv1", "server", "linux-server", "lab-v2c"),
];

function planned(name: string, role: Role, model: ModelName, credential: CredentialName): PlannedDevice {
  return { name, role, model, credential };
}

/** Two old access switches still speak what newer ones no longer should. */
function accessCredential(name: string): CredentialName {
  if (name === "acc-sw7") return "access-v3-des";
  return name === "acc-sw8" ? "access-v3-signed" : "lab-v2c";
}

export const PLANNED_LINKS: readonly PlannedLink[] = [
  link("rtr1 Gi0/0/1", "fw1 wan1"),
  link("fw1 port1", "core-sw1 Te1/1"),
  link("core-sw1 Te1/2", "core-sw2 Te1/2"),
  ...[1, 2, 3, 4].flatMap((n) => [
    link(`dist-sw${n} Te1/1`, `core-sw1 Te1/${n + 2}`),
    link(`dist-sw${n} Te1/2`, `core-sw2 Te1/${n + 2}`),
  ]),
  ...accessLinks(["dist-sw1", "dist-sw2"], 1),
  ...accessLinks(["dist-sw3", "dist-sw4"], 5),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => link(`ap${n} eth0`, `acc-sw${n} Gi1/0/24`)),
  link("ups1 eth0", "dist-sw1 Gi1/0/24"),
  link("srv1 eth0", "dist-sw3 Gi1/0/1"),
];

/** Of each four access switches the first two are homed to both distribution switches, the others to one each. */
function accessLinks([left, right]: readonly [string, string], first: number): PlannedLink[] {
  return [
    link(`acc-sw${first} Te1/1`, `${left} Te1/3`),
    link(`acc-sw${first} Te1/2`, `${right} Te1/3`),
    link(`acc-sw${first + 1} Te1/1`, `${left} Te1/4`),
    link(`acc-sw${first + 1} Te1/2`, `${right} Te1/4`),
    link(`acc-sw${first + 2} Te1/1`, `${left} Te1/5`),
    link(`acc-sw${first + 3} Te1/1`, `${right} Te1/5`),
  ];
}

function link(a: string, b: string): PlannedLink {
  return { a: end(a), b: end(b) };
}

function end(text: string): PlannedLink["a"] {
  const [device = "", port = ""] = text.split(" ");
  return { device, port };
}
