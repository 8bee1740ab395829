import { afterAll, beforeAll, expect, test } from "bun:test";
import { createRequire } from "node:module";
import { scratchDir } from "../../parts/index.ts";
import type { UserCredential } from "../agent/index.ts";
import { type Lab, startLab } from "../index.ts";

interface Heard {
  from: string;
  user: string;
  bindings: Map<string, unknown>;
}

const traps: Heard[] = [];
const syslogs: string[] = [];
const LINK_DOWN = "1.3.6.1.6.3.1.1.5.3";
const LINK_UP = "1.3.6.1.6.3.1.1.5.4";
const COLD_START = "1.3.6.1.6.3.1.1.5.1";
const TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0";

let lab: Lab;
let closeReceiver: () => void = () => undefined;
let syslogSocket: Bun.udp.Socket<"buffer">;

beforeAll(async () => {
  const port = await freeUdpPort();
  syslogSocket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (_socket, data) => void syslogs.push(data.toString()) },
  });
  const dir = scratchDir("lab-signal");
  lab = await startLab({ dir, trapTarget: `127.0.0.1:${port}`, syslogTarget: `127.0.0.1:${syslogSocket.port}` });
  closeReceiver = receiveTraps(port, lab);
});
afterAll(async () => {
  await lab.stop();
  closeReceiver();
  syslogSocket.close();
});

async function freeUdpPort(): Promise<number> {
  const probe = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe;
  probe.close();
  return port;
}

/** What the npm package net-snmp hands to a receiver's callback. */
interface Received {
  rinfo: { address: string };
  pdu: { user?: string; community?: string; varbinds: { oid: string; value: unknown }[] };
}

interface Receiver {
  getAuthorizer: () => { addCommunity: (community: string) => void; addUser: (user: object) => void };
  close: () => void;
}

/** The part of the package that this test needs; it ships without types. */
interface NetSnmp {
  createReceiver: (options: object, callback: (error: Error | null, received: Received) => void) => Receiver;
  SecurityLevel: { authNoPriv: number; authPriv: number };
  AuthProtocols: Record<string, number>;
  PrivProtocols: Record<string, number>;
}

const snmp = createRequire(import.meta.url)("net-snmp") as NetSnmp;
const PRIV: Record<string, number | undefined> = {
  des: snmp.PrivProtocols["des"],
  aes128: snmp.PrivProtocols["aes"],
  aes256: snmp.PrivProtocols["aes256b"],
};

/** An independent receiver that knows the site's communities and users. */
function receiveTraps(port: number, lab: Lab): () => void {
  const options = { port, address: "127.0.0.1", disableAuthorization: false, includeAuthentication: true };
  const receiver = snmp.createReceiver(options, (error: Error | null, received: Received) => {
    if (error) throw error;
    const { rinfo, pdu } = received;
    const bindings = pdu.varbinds.map(
      ({ oid, value }) => [oid, Buffer.isBuffer(value) ? value.toString() : value] as const,
    );
    traps.push({ from: rinfo.address, user: pdu.user ?? pdu.community ?? "", bindings: new Map(bindings) });
  });
  const authorizer = receiver.getAuthorizer();
  for (const credential of lab.siteConfig().credentials) {
    if (credential.version !== "v3") authorizer.addCommunity(credential.community);
    else authorizer.addUser(userOf(credential));
  }
  return () => receiver.close();
}

function userOf(credential: UserCredential): object {
  const { user, authProtocol, authPassword, privProtocol, privPassword } = credential;
  const auth = { name: user, authProtocol: snmp.AuthProtocols[authProtocol === "sha1" ? "sha" : authProtocol] };
  if (privProtocol === "none") return { ...auth, level: snmp.SecurityLevel.authNoPriv, authKey: authPassword };
  const priv = { privProtocol: PRIV[privProtocol], privKey: privPassword };
  return { ...auth, ...priv, level: snmp.SecurityLevel.authPriv, authKey: authPassword };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 100; waited += 1) await Bun.sleep(50);
  expect(condition()).toBe(true);
}

const heard = (from: string, oid: string) =>
  traps.filter((trap) => trap.from === from && trap.bindings.get(TRAP_OID) === oid);

test("a cut link is told by trap and syslog of the end that is in reach, and its mending by both", async () => {
  lab.inject("link-down", { device: "dist-sw1", interface: "Te1/5" });
  const dist = lab.site.devices.get("dist-sw1");
  await until(() => heard(dist?.address ?? "", LINK_DOWN).length === 1);
  const [down] = heard(dist?.address ?? "", LINK_DOWN);
  const index = dist?.port("Te1/5")?.index;
  expect(down?.bindings.get(`1.3.6.1.2.1.2.2.1.1.${index}`)).toBe(index!);
  expect(down?.bindings.get(`1.3.6.1.2.1.2.2.1.8.${index}`)).toBe(2);
  expect(down?.bindings.get(`1.3.6.1.2.1.31.1.1.1.1.${index}`)).toBe("Te1/5");
  expect(traps.filter((trap) => trap.from === lab.site.devices.get("acc-sw3")?.address)).toEqual([]);
  lab.clear();
  await until(() => heard(dist?.address ?? "", LINK_UP).length === 1);
  await until(() => heard(lab.site.devices.get("acc-sw3")?.address ?? "", LINK_UP).length === 1);
  expect(syslogs[0]).toMatch(
    /^<187>1 \d{4}-\d\d-\d\dT[\d:.]+Z dist-sw1 LINK - UPDOWN - %LINK-3-UPDOWN: Interface TenGigabitEthernet1\/5, changed state to down$/,
  );
});

test("a v3 device signs and encrypts its traps", async () => {
  lab.inject("link-down");
  const address = lab.site.devices.get("core-sw1")?.address ?? "";
  await until(() => heard(address, LINK_DOWN).length === 1);
  expect(heard(address, LINK_DOWN)[0]?.user).toBe("watchpost-core");
  lab.clear();
});

test("a device that starts says coldStart, and a changed configuration is logged", async () => {
  lab.inject("device-down", { device: "ap1" });
  lab.clear();
  await until(() => heard(lab.site.devices.get("ap1")?.address ?? "", COLD_START).length === 1);
  lab.inject("config-change");
  await until(() => syslogs.some((line) => line.includes("core-sw1 SYS - CONFIG_I - %SYS-5-CONFIG_I: Configured")));
  lab.clear();
});
