import { appendObject } from "../binding.ts";
import type { Frame } from "../frame.ts";
import type { Mib } from "../mib.ts";
import { encodeOid, parseOid } from "../oid.ts";
import { Reader } from "../reader.ts";
import { readRequest } from "../request.ts";
import { respond, wrapPdu } from "../respond.ts";
import { ERROR, PDU, TAG } from "../tag.ts";
import { counter32, fixed } from "../value.ts";
import { open, readSealed, type Sealed } from "./open.ts";
import { USM_STATS, USM_STATS_OID, type UsmStat } from "./report.ts";
import { type EngineState, type SecurityLevel, sealMessage } from "./seal.ts";
import type { UsmUser } from "./user.ts";

const NOTHING = new Uint8Array(0);
/** Headers, security parameters less names and digests, scoped PDU, and padding. */
const ENVELOPE_BYTES = 128;

export interface UsmContext {
  mib: Mib;
  nowMs: number;
  engine: EngineState;
  users: ReadonlyMap<string, UsmUser>;
  bytesMax: number;
  /** Counts the event and says its new total. */
  count: (stat: UsmStat | "unknownContexts") => number;
}

/** Answers a v3 message into the frame, by a response or a report; false when it gets neither. */
export function answerUsm(frame: Frame, datagram: Uint8Array, message: Reader, context: UsmContext): boolean {
  const sealed = readSealed(datagram, message);
  const opened = open(sealed, context.engine, context.users);
  if (opened.kind === "report") return report(frame, sealed, context, opened.stat);

  const { scoped, user } = opened;
  scoped.octets();
  const contextName = scoped.octets();
  if (contextName.length > 0) return report(frame, sealed, context, "unknownContexts");
  const request = readRequest(scoped);
  const digestBytes = 48;
  const bytesMax = Math.min(context.bytesMax, sealed.messageBytesMax);
  const pduBytesMax =
    bytesMax - ENVELOPE_BYTES - digestBytes - 2 * context.engine.id.length - Buffer.byteLength(user.name);
  if (request.type !== PDU.response && weaker(sealed.level, levelOf(user))) {
    frame.append(request.bindings);
    wrapPdu(frame, PDU.response, { requestId: request.requestId, status: ERROR.authorization, index: 0 });
  } else if (!respond(frame, request, { mib: context.mib, nowMs: context.nowMs, v1: false, pduBytesMax })) return false;
  seal(frame, sealed, context, { user, level: sealed.level });
  return true;
}

function report(frame: Frame, sealed: Sealed, context: UsmContext, stat: UsmStat | "unknownContexts"): boolean {
  const total = context.count(stat);
  if (!sealed.reportable) return false;
  const name = fixed(TAG.oid, encodeOid(parseOid(oidOf(stat)))).encoded;
  appendObject(frame, { name, value: counter32(total) }, context.nowMs);
  wrapPdu(frame, PDU.report, { requestId: requestIdOf(sealed), status: ERROR.none, index: 0 });
  const user = context.users.get(sealed.userName);
  const signed = stat === "notInTimeWindows" && user?.auth !== undefined;
  const sender = signed ? user : { name: sealed.userName };
  seal(frame, sealed, context, { user: sender, level: signed ? "authNoPriv" : "noAuthNoPriv" });
  return true;
}

function oidOf(stat: UsmStat | "unknownContexts"): string {
  return stat === "unknownContexts" ? "1.3.6.1.6.3.12.1.5.0" : `${USM_STATS_OID}.${USM_STATS[stat]}.0`;
}

/** The request id where it can be read without keys, else 0 as RFC 3412 says. */
function requestIdOf(sealed: Sealed): number {
  if (sealed.level === "authPriv") return 0;
  const scoped = new Reader(sealed.data.bytes, sealed.data.at, sealed.data.end).element(TAG.sequence);
  scoped.octets();
  scoped.octets();
  return readRequest(scoped).requestId;
}

function seal(
  frame: Frame,
  sealed: Sealed,
  context: UsmContext,
  sender: { user: UsmUser; level: SecurityLevel },
): void {
  sealMessage(frame, {
    engine: context.engine,
    ...sender,
    messageId: sealed.messageId,
    messageBytesMax: context.bytesMax,
    contextName: NOTHING,
    reportable: false,
  });
}

const STRENGTH: Record<SecurityLevel, number> = { noAuthNoPriv: 0, authNoPriv: 1, authPriv: 2 };

function weaker(level: SecurityLevel, needed: SecurityLevel): boolean {
  return STRENGTH[level] < STRENGTH[needed];
}

export function levelOf(user: UsmUser): SecurityLevel {
  if (user.priv) return "authPriv";
  return user.auth ? "authNoPriv" : "noAuthNoPriv";
}
