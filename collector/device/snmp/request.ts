import { Pdu, Tag } from "./ber.ts";
import type { CommunityCredential } from "./credential.ts";
import { Version } from "./incoming.ts";
import type { Engine, Session } from "./session.ts";
import { seal } from "./usm/seal.ts";
import type { Writer } from "./writer.ts";

const EMPTY = Buffer.alloc(0);

/** Where a question stands in another's bytes: an OID's content. */
export interface Question {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Writes a PDU whose two numbers are error fields (0, 0) or, for GETBULK, non-repeaters and repetitions. */
export function writePdu(
  writer: Writer,
  pdu: { type: number; requestId: number; first: number; second: number; questions: readonly Question[] },
): void {
  const end = writer.at;
  for (const { bytes, start, end: stop } of pdu.questions.toReversed()) writer.question(bytes, start, stop);
  wrapPdu(writer, end, pdu);
}

/** Puts the PDU around the questions that the writer holds up to `end`. */
export function wrapPdu(
  writer: Writer,
  end: number,
  pdu: { type: number; requestId: number; first: number; second: number },
): void {
  writer.wrap(Tag.Sequence, end);
  writer.integer(pdu.second);
  writer.integer(pdu.first);
  writer.integer(pdu.requestId);
  writer.wrap(pdu.type, end);
}

/** Puts a v1 or v2c message around the PDU in the writer. */
export function communityMessage(writer: Writer, credential: CommunityCredential, community: Uint8Array): void {
  const end = writer.bytes.length;
  writer.octets(community);
  writer.integer(credential.version === "v1" ? Version.v1 : Version.v2c);
  writer.wrap(Tag.Sequence, end);
}

export interface V3Setting {
  session: Session;
  engine: Engine;
  nowMs: number;
  salt: Buffer;
  messageId: number;
}

/** Puts an SNMPv3 message around the PDU in the writer, at the level that the credential asks for. */
export function userMessage(writer: Writer, setting: V3Setting): void {
  const { session, engine } = setting;
  seal(writer, {
    messageId: setting.messageId,
    engineId: engine.id,
    engineBoots: engine.boots,
    engineTime: engine.time + Math.floor((setting.nowMs - engine.syncedAtMs) / 1_000),
    user: session.user,
    contextName: session.contextName,
    keys: engine.keys,
    salt: setting.salt,
  });
}

/** Asks an agent which engine it is: an empty question without a user, to be answered by a report. */
export function discoveryMessage(writer: Writer, messageId: number): Uint8Array {
  writePdu(writer, { type: Pdu.Get, requestId: messageId, first: 0, second: 0, questions: [] });
  return seal(writer, {
    messageId,
    engineId: EMPTY,
    engineBoots: 0,
    engineTime: 0,
    user: EMPTY,
    contextName: EMPTY,
    keys: {},
    salt: EMPTY,
  });
}
