import { timingSafeEqual } from "node:crypto";
import { MalformedMessage, Reader } from "../reader.ts";
import { TAG } from "../tag.ts";
import { decrypt } from "./cipher.ts";
import { DIGEST_BYTES, digestOf } from "./keys.ts";
import type { UsmStat } from "./report.ts";
import type { EngineState, SecurityLevel } from "./seal.ts";
import type { UsmUser } from "./user.ts";

/** A v3 message as it came, before any of it is believed. */
export interface Sealed {
  datagram: Uint8Array;
  messageId: number;
  messageBytesMax: number;
  level: SecurityLevel;
  reportable: boolean;
  engineId: Uint8Array;
  engineBoots: number;
  engineTime: number;
  userName: string;
  digest: Reader;
  salt: Uint8Array;
  data: Reader;
}

/** Either a reader of the scoped PDU, or why the sender hears a report (RFC 3414 3.2). */
export type Opened = { kind: "scoped"; scoped: Reader; user: UsmUser } | { kind: "report"; stat: UsmStat };

const TIME_WINDOW_SECONDS = 150;
const MESSAGE_BYTES_MIN = 484;

export function readSealed(datagram: Uint8Array, message: Reader): Sealed {
  const header = message.element(TAG.sequence);
  const messageId = header.integer();
  const messageBytesMax = Math.max(MESSAGE_BYTES_MIN, header.integer());
  const flags = header.octets()[0] ?? 0;
  if (header.integer() !== 3) throw new MalformedMessage("security model is not USM");
  if ((flags & 3) === 2) throw new MalformedMessage("privacy without authentication");
  const security = message.element(TAG.octets).element(TAG.sequence);
  return {
    datagram,
    messageId,
    messageBytesMax,
    level: (flags & 3) === 3 ? "authPriv" : flags & 1 ? "authNoPriv" : "noAuthNoPriv",
    reportable: (flags & 4) !== 0,
    engineId: security.octets(),
    engineBoots: security.integer(),
    engineTime: security.integer(),
    userName: Buffer.from(security.octets()).toString("utf8"),
    digest: security.element(TAG.octets),
    salt: security.octets(),
    data: message,
  };
}

export function open(sealed: Sealed, engine: EngineState, users: ReadonlyMap<string, UsmUser>): Opened {
  if (Buffer.compare(sealed.engineId, engine.id) !== 0) return { kind: "report", stat: "unknownEngineIds" };
  const user = users.get(sealed.userName);
  if (!user) return { kind: "report", stat: "unknownUserNames" };
  if (!supports(user, sealed.level)) return { kind: "report", stat: "unsupportedSecurityLevels" };
  if (sealed.level !== "noAuthNoPriv") {
    if (!authentic(sealed, user)) return { kind: "report", stat: "wrongDigests" };
    if (!timely(sealed, engine)) return { kind: "report", stat: "notInTimeWindows" };
  }
  return sealed.level === "authPriv" ? decrypted(sealed, user) : scopedOf(sealed.data, user);
}

function supports(user: UsmUser, level: SecurityLevel): boolean {
  if (level === "authPriv") return user.priv !== undefined;
  return level === "noAuthNoPriv" || user.auth !== undefined;
}

function authentic(sealed: Sealed, user: UsmUser): boolean {
  const { auth } = user;
  const given = sealed.digest.content();
  if (!auth || given.length !== DIGEST_BYTES[auth.protocol]) return false;
  const unsigned = Uint8Array.from(sealed.datagram);
  unsigned.fill(0, sealed.digest.at, sealed.digest.end);
  return timingSafeEqual(digestOf(auth.protocol, auth.key, unsigned), given);
}

function timely(sealed: Sealed, engine: EngineState): boolean {
  return sealed.engineBoots === engine.boots && Math.abs(sealed.engineTime - engine.time) <= TIME_WINDOW_SECONDS;
}

function decrypted(sealed: Sealed, user: UsmUser): Opened {
  const { priv } = user;
  if (!priv) return { kind: "report", stat: "unsupportedSecurityLevels" };
  const { salt, engineBoots, engineTime } = sealed;
  const plain = decrypt(priv.protocol, { key: priv.key, salt, engineBoots, engineTime }, sealed.data.octets());
  return plain ? scopedOf(new Reader(plain), user) : { kind: "report", stat: "decryptionErrors" };
}

function scopedOf(data: Reader, user: UsmUser): Opened {
  return { kind: "scoped", scoped: data.element(TAG.sequence), user };
}
