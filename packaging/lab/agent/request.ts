import { keyOfContent, type OidKey } from "./oid.ts";
import { MalformedMessage, type Reader } from "./reader.ts";
import { PDU, TAG } from "./tag.ts";

const BINDINGS_MAX = 4_096;

export interface Request {
  type: number;
  requestId: number;
  /** GETBULK: non-repeaters; else error-status as sent. */
  nonRepeaters: number;
  /** GETBULK: max-repetitions; else error-index as sent. */
  repetitions: number;
  names: RequestedName[];
  /** The bindings as they came, for replies that repeat them. */
  bindings: Uint8Array;
}

export interface RequestedName {
  key: OidKey;
  /** Tag, length and content of the OID as asked. */
  encoded: Uint8Array;
}

/** Reads a PDU. Any type is read; which of them get an answer is the responder's business. */
export function readRequest(message: Reader): Request {
  const type = message.peekTag();
  if (type < PDU.get || type > PDU.report || type === PDU.trapV1) throw new MalformedMessage(`PDU type ${type}`);
  const pdu = message.element(type);
  const requestId = pdu.integer();
  const nonRepeaters = pdu.integer();
  const repetitions = pdu.integer();
  const list = pdu.element(TAG.sequence);
  const bindings = list.content();
  return { type, requestId, nonRepeaters, repetitions, names: readNames(list), bindings };
}

function readNames(list: Reader): RequestedName[] {
  const names: RequestedName[] = [];
  while (!list.empty) {
    if (names.length === BINDINGS_MAX) throw new MalformedMessage(`more than ${BINDINGS_MAX} bindings`);
    const binding = list.element(TAG.sequence);
    const start = binding.at;
    const content = binding.element(TAG.oid);
    const key = keyOfContent(content.bytes, content.at, content.end);
    if (key === undefined) throw new MalformedMessage(`binding ${names.length + 1} names no OID`);
    names.push({ key, encoded: binding.bytes.subarray(start, content.end) });
  }
  return names;
}
