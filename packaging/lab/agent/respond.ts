import { appendException, appendObject } from "./binding.ts";
import type { Frame } from "./frame.ts";
import type { Mib } from "./mib.ts";
import type { Request, RequestedName } from "./request.ts";
import { ERROR, PDU, TAG } from "./tag.ts";

/** What a GETBULK may ask for before the size of the message ends it anyway. */
const REPETITIONS_MAX = 10_000;

export interface ResponseContext {
  mib: Mib;
  nowMs: number;
  /** SNMPv1 knows neither exceptions nor Counter64. */
  v1: boolean;
  /** Room for the PDU: what both sides can take, less the headers around it. */
  pduBytesMax: number;
}

/** Appends the Response-PDU to the frame. False when this PDU type gets no answer. */
export function respond(frame: Frame, request: Request, context: ResponseContext): boolean {
  const failure = appendBindings(frame, request, context);
  if (failure === undefined) return false;
  const fits = frame.size <= context.pduBytesMax - PDU_HEADER_BYTES_MAX;
  const outcome = failure.status === ERROR.none && !fits ? { status: ERROR.tooBig, index: 0 } : failure;
  if (outcome.status !== ERROR.none) {
    const repeats = outcome.status !== ERROR.tooBig || context.v1;
    frame.replace(repeats ? request.bindings : new Uint8Array(0));
  }
  wrapPdu(frame, PDU.response, { requestId: request.requestId, ...outcome });
  return true;
}

/** Tags, lengths and integers of a PDU around its bindings. */
const PDU_HEADER_BYTES_MAX = 28;

export function wrapPdu(frame: Frame, type: number, head: { requestId: number; status: number; index: number }): void {
  frame.wrap(TAG.sequence);
  frame.prependInteger(head.index);
  frame.prependInteger(head.status);
  frame.prependInteger(head.requestId);
  frame.wrap(type);
}

interface Outcome {
  status: number;
  index: number;
}

const OK: Outcome = { status: ERROR.none, index: 0 };

function appendBindings(frame: Frame, request: Request, context: ResponseContext): Outcome | undefined {
  switch (request.type) {
    case PDU.get:
      return appendExact(frame, request, context);
    case PDU.getNext:
      return appendNext(frame, request, context);
    case PDU.getBulk:
      return context.v1 ? undefined : appendBulk(frame, request, context);
    case PDU.set:
      if (request.names.length === 0) return OK;
      return { status: context.v1 ? ERROR.noSuchName : ERROR.notWritable, index: 1 };
    default:
      return undefined;
  }
}

function appendExact(frame: Frame, request: Request, context: ResponseContext): Outcome {
  for (const [at, name] of request.names.entries()) {
    if (frame.size > context.pduBytesMax) break;
    const object = context.mib.find(name.key);
    if (object && !(context.v1 && object.value.tag === TAG.counter64)) appendObject(frame, object, context.nowMs);
    else if (context.v1) return { status: ERROR.noSuchName, index: at + 1 };
    else appendException(frame, name.encoded, context.mib.hasTypeOf(name.key) ? TAG.noSuchInstance : TAG.noSuchObject);
  }
  return OK;
}

function appendNext(frame: Frame, request: Request, context: ResponseContext): Outcome {
  for (const [at, name] of request.names.entries()) {
    if (frame.size > context.pduBytesMax) break;
    let index = context.mib.indexAfter(name.key);
    while (context.v1 && context.mib.at(index)?.value.tag === TAG.counter64) index += 1;
    const object = context.mib.at(index);
    if (object) appendObject(frame, object, context.nowMs);
    else if (context.v1) return { status: ERROR.noSuchName, index: at + 1 };
    else appendException(frame, name.encoded, TAG.endOfMibView);
  }
  return OK;
}

/** One column of a GETBULK: where it stands, and the name to repeat once it is past the end. */
interface Column {
  index: number;
  last: Uint8Array;
}

function appendBulk(frame: Frame, request: Request, context: ResponseContext): Outcome {
  const bytesMax = context.pduBytesMax - PDU_HEADER_BYTES_MAX;
  const columns = request.names.map((name) => columnOf(name, context.mib));
  const single = columns.splice(0, Math.max(0, request.nonRepeaters));
  for (const column of single) if (!step(frame, column, context, bytesMax)) return overflow(frame);
  const repetitions = Math.min(Math.max(0, request.repetitions), REPETITIONS_MAX);
  for (let repetition = 0; repetition < repetitions && columns.length > 0; repetition += 1) {
    for (const column of columns) if (!step(frame, column, context, bytesMax)) return overflow(frame);
    if (columns.every((column) => column.index >= context.mib.size)) break;
  }
  return OK;
}

function columnOf(name: RequestedName, mib: Mib): Column {
  return { index: mib.indexAfter(name.key), last: name.encoded };
}

/** Appends the column's next binding; takes it back and says false when it does not fit. */
function step(frame: Frame, column: Column, context: ResponseContext, bytesMax: number): boolean {
  const tail = frame.tail;
  const object = context.mib.at(column.index);
  if (object) {
    appendObject(frame, object, context.nowMs);
    column.last = object.name;
    column.index += 1;
  } else appendException(frame, column.last, TAG.endOfMibView);
  if (frame.size <= bytesMax) return true;
  frame.tail = tail;
  return false;
}

/** A GETBULK that does not fit is cut short; only when not even one binding fits is it an error. */
function overflow(frame: Frame): Outcome {
  return frame.size > 0 ? OK : { status: ERROR.tooBig, index: 0 };
}
