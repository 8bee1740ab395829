import { Tag } from "../ber.ts";
import { Flag, type Incoming, type Range, Version } from "../incoming.ts";
import type { Writer } from "../writer.ts";
import { decrypt, encrypt, SALT_BYTES } from "./cipher.ts";
import type { LocalKeys } from "./key-ring.ts";
import { AUTH } from "./protocol.ts";

const USM = 3;
/** What we say we can take: a whole UDP datagram. */
const MESSAGE_BYTES_MAX = 65_507;
const EMPTY = Buffer.alloc(0);

export interface Envelope {
  messageId: number;
  engineId: Uint8Array;
  engineBoots: number;
  engineTime: number;
  user: Buffer;
  contextName: Buffer;
  keys: LocalKeys;
  /** Eight bytes that never repeat under one key. */
  salt: Buffer;
  /** False for what nobody shall answer: responses and reports. */
  reportable?: boolean;
  /** The engine whose context the PDU is of, when that is not `engineId`. */
  contextEngineId?: Uint8Array;
}

/** Puts the SNMPv3 message around the PDU that the writer holds: scope, encryption, header, authentication. */
export function seal(writer: Writer, envelope: Envelope): Uint8Array {
  const end = writer.bytes.length;
  writer.raw(envelope.contextName);
  writer.wrap(Tag.OctetString, writer.at + envelope.contextName.length);
  writer.octets(envelope.contextEngineId ?? envelope.engineId);
  writer.wrap(Tag.Sequence, end);

  const { auth, priv } = envelope.keys;
  if (priv) {
    const secret = encrypt(
      { ...priv, engineBoots: envelope.engineBoots, engineTime: envelope.engineTime },
      envelope.salt,
      writer.view(),
    );
    writer.reset();
    writer.octets(secret);
  }
  const macAt = writeSecurity(writer, envelope);
  const headerEnd = writer.at;
  writer.integer(USM);
  const flagsEnd = writer.at;
  writer.byte((auth ? Flag.auth : 0) | (priv ? Flag.priv : 0) | (envelope.reportable === false ? 0 : Flag.reportable));
  writer.wrap(Tag.OctetString, flagsEnd);
  writer.integer(MESSAGE_BYTES_MAX);
  writer.integer(envelope.messageId);
  writer.wrap(Tag.Sequence, headerEnd);
  writer.integer(Version.v3);
  writer.wrap(Tag.Sequence, end);

  if (auth) {
    const mac = macOf(auth, writer.view());
    for (let i = 0; i < AUTH[auth.protocol].macBytes; i++) writer.bytes[macAt + i] = mac[i] as number;
  }
  return writer.view();
}

/** Writes the USM parameters with a zero MAC; returns where in the writer's bytes that stands. */
function writeSecurity(writer: Writer, envelope: Envelope): number {
  const { auth, priv } = envelope.keys;
  const end = writer.at;
  writer.octets(priv ? envelope.salt : EMPTY);
  const macBytes = auth ? AUTH[auth.protocol].macBytes : 0;
  const macEnd = writer.at;
  for (let i = 0; i < macBytes; i++) writer.byte(0);
  const macAt = writer.at;
  writer.wrap(Tag.OctetString, macEnd);
  writer.octets(envelope.user);
  writer.integer(envelope.engineTime);
  writer.integer(envelope.engineBoots);
  writer.octets(envelope.engineId);
  writer.wrap(Tag.Sequence, end);
  writer.wrap(Tag.OctetString, end);
  return macAt;
}

/** Whether the message was made by someone who holds the key. Its bytes are as they were afterwards. */
export function isAuthentic(incoming: Incoming, keys: LocalKeys): boolean {
  const { auth } = keys;
  const { start, end } = incoming.mac;
  if (!auth || (incoming.flags & Flag.auth) === 0) return false;
  const { macBytes } = AUTH[auth.protocol];
  if (end - start !== macBytes) return false;
  const { bytes } = incoming;
  for (let i = 0; i < macBytes; i++) claimed[i] = bytes[start + i] as number;
  bytes.fill(0, start, end);
  const mac = macOf(auth, bytes.subarray(incoming.start, incoming.end));
  let difference = 0;
  // Looks at every byte, so that the time it takes tells nothing.
  for (let i = 0; i < macBytes; i++) {
    difference |= (mac[i] as number) ^ (claimed[i] as number);
    bytes[start + i] = claimed[i] as number;
  }
  return difference === 0;
}

const claimed = new Uint8Array(64);
const hashers = new WeakMap<Buffer, Bun.CryptoHasher>();

/** A hasher that has taken in the key once is copied for each message: half of what a new one costs. */
function macOf({ protocol, key }: NonNullable<LocalKeys["auth"]>, message: Uint8Array): Uint8Array {
  let keyed = hashers.get(key);
  if (!keyed) {
    keyed = new Bun.CryptoHasher(AUTH[protocol].hash, key);
    hashers.set(key, keyed);
  }
  return keyed.copy().update(message).digest();
}

const salt = Buffer.alloc(SALT_BYTES);

export type Opened = { bytes: Uint8Array; range: Range } | undefined;

/** The scoped PDU in the clear; undefined when it cannot be decrypted. */
export function openScopedPdu(incoming: Incoming, keys: LocalKeys): Opened {
  const { bytes, data } = incoming;
  if ((incoming.flags & Flag.priv) === 0) return { bytes, range: data };
  if (!keys.priv || incoming.salt.end - incoming.salt.start !== SALT_BYTES) return undefined;
  const { engineBoots, engineTime } = incoming;
  for (let i = 0; i < SALT_BYTES; i++) salt[i] = bytes[incoming.salt.start + i] as number;
  const plain = decrypt({ ...keys.priv, engineBoots, engineTime }, salt, bytes.subarray(data.start, data.end));
  return plain && { bytes: plain, range: { start: 0, end: plain.length } };
}
