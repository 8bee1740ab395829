import { Flag, Incoming, KeyRing, Pdu, seal, Writer } from "@watchpost/collector/device/snmp/index.ts";
import { encodeTrap, value } from "../../lab/agent/index.ts";

export const COMMUNITY = "bench-community";
export const USER = {
  name: "bench",
  version: "v3",
  user: "bench",
  authProtocol: "sha256",
  authPassword: "bench-authentication",
  privProtocol: "aes128",
  privPassword: "bench-privacy",
  contextName: "",
} as const;
const SENDER_ENGINE = Buffer.from("80001f8804deadbeef", "hex");
const ROOM_BYTES = 2_048;

/** A linkDown of one port, as a switch sends it. */
export function linkDown(ifIndex: number): Uint8Array {
  const bindings = [
    { oid: `1.3.6.1.2.1.2.2.1.1.${ifIndex}`, value: value.integer(ifIndex) },
    { oid: `1.3.6.1.2.1.2.2.1.7.${ifIndex}`, value: value.integer(1) },
    { oid: `1.3.6.1.2.1.2.2.1.8.${ifIndex}`, value: value.integer(2) },
    { oid: `1.3.6.1.2.1.31.1.1.1.1.${ifIndex}`, value: value.octets(`Gi1/0/${ifIndex}`) },
  ];
  const agent = { enterprise: "1.3.6.1.4.1.9.1.1", agentAddress: "127.0.0.1" };
  return encodeTrap(
    { generic: 3, uptimeTicks: 4_200, bindings, ...agent },
    { version: "v2c", community: COMMUNITY },
    ifIndex,
  );
}

/** The same with another type: an inform asks for an answer. */
export function informOf(trap: Uint8Array): Uint8Array {
  const inform = trap.slice();
  inform[pduAt(inform)] = Pdu.Inform;
  return inform;
}

/** The same, signed and sealed for SNMPv3. */
export function sealed(trap: Uint8Array, number: number): Uint8Array {
  const writer = new Writer(ROOM_BYTES);
  writer.raw(trap.subarray(pduAt(trap)));
  const salt = Buffer.alloc(8);
  salt.writeUInt32BE(number, 4);
  const clock = { engineId: SENDER_ENGINE, engineBoots: 7, engineTime: 10_000 };
  const who = { user: Buffer.from(USER.user), contextName: Buffer.alloc(0), salt, reportable: false };
  const keys = new KeyRing().keysFor(USER, SENDER_ENGINE);
  const message = seal(writer, { messageId: number, ...clock, ...who, keys }).slice();
  const check = new Incoming();
  if (!check.readHeader(message) || (check.flags & Flag.priv) === 0)
    throw new Error("the bench made a bad SNMPv3 message");
  return message;
}

function pduAt(message: Uint8Array): number {
  const incoming = new Incoming();
  if (!incoming.readHeader(message)) throw new Error("the bench made a bad SNMP message");
  return incoming.data.start;
}
