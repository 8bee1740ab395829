import type { Frame } from "../frame.ts";
import { TAG } from "../tag.ts";
import { encrypt, SALT_BYTES } from "./cipher.ts";
import { DIGEST_BYTES, digestOf } from "./keys.ts";
import type { UsmUser } from "./user.ts";

export type SecurityLevel = "noAuthNoPriv" | "authNoPriv" | "authPriv";

export interface EngineState {
  id: Uint8Array;
  boots: number;
  time: number;
}

export interface Envelope {
  engine: EngineState;
  user: UsmUser;
  level: SecurityLevel;
  messageId: number;
  messageBytesMax: number;
  contextName: Uint8Array;
  reportable: boolean;
}

const USM_MODEL = 3;
const FLAG = { auth: 1, priv: 2, reportable: 4 } as const;
const NOTHING = new Uint8Array(0);

/** Turns the PDU in the frame into a whole SNMPv3 message: scoped, encrypted and signed as the level says. */
export function sealMessage(frame: Frame, envelope: Envelope): void {
  const { engine, user, level } = envelope;
  frame.prependOctets(envelope.contextName);
  frame.prependOctets(engine.id);
  frame.wrap(TAG.sequence);
  const salt = level === "authPriv" ? encryptScoped(frame, engine, user) : NOTHING;

  const end = frame.head;
  frame.prependOctets(salt);
  const auth = level === "noAuthNoPriv" ? undefined : user.auth;
  const digestAt = prependDigestRoom(frame, auth ? DIGEST_BYTES[auth.protocol] : 0);
  frame.prependOctets(new TextEncoder().encode(user.name));
  frame.prependInteger(engine.time);
  frame.prependInteger(engine.boots);
  frame.prependOctets(engine.id);
  frame.wrap(TAG.sequence, end);
  frame.wrap(TAG.octets, end);

  prependHeader(frame, envelope);
  frame.prependInteger(3);
  frame.wrap(TAG.sequence);
  if (auth) frame.bytes.set(digestOf(auth.protocol, auth.key, frame.message()), digestAt);
}

function prependHeader(frame: Frame, envelope: Envelope): void {
  const { level, reportable } = envelope;
  const security = level === "authPriv" ? FLAG.auth | FLAG.priv : level === "authNoPriv" ? FLAG.auth : 0;
  const end = frame.head;
  frame.prependInteger(USM_MODEL);
  frame.prependOctets(Uint8Array.of(security | (reportable ? FLAG.reportable : 0)));
  frame.prependInteger(envelope.messageBytesMax);
  frame.prependInteger(envelope.messageId);
  frame.wrap(TAG.sequence, end);
}

function prependDigestRoom(frame: Frame, bytes: number): number {
  const end = frame.head;
  frame.prepend(new Uint8Array(bytes));
  const at = frame.head;
  frame.wrap(TAG.octets, end);
  return at;
}

let salts = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;

function encryptScoped(frame: Frame, engine: EngineState, user: UsmUser): Uint8Array {
  const { priv } = user;
  if (!priv) throw new Error(`user ${user.name} has no privacy key and cannot send authPriv`);
  const salt = Buffer.alloc(SALT_BYTES);
  salts = BigInt.asUintN(64, salts + 1n);
  salt.writeBigUInt64BE(salts);
  // RFC 3414 8.1.1.1: a DES salt begins with the engine's boots, so that it never repeats across restarts.
  if (priv.protocol === "des") salt.writeUInt32BE(engine.boots, 0);
  const sealed = { key: priv.key, salt, engineBoots: engine.boots, engineTime: engine.time };
  frame.replace(encrypt(priv.protocol, sealed, frame.message()));
  frame.wrap(TAG.octets);
  return salt;
}
