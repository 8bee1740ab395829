import type { PortNames } from "../listen/index.ts";
import { bindingNameOf } from "./names.ts";
import type { PduReader } from "./read-pdu.ts";

const IF_ENTRY = "1.3.6.1.2.1.2.2.1.";
const IF_X_ENTRY = "1.3.6.1.2.1.31.1.1.1.";
const IF_INDEX = `${IF_ENTRY}1.`;
const IF_DESCR = `${IF_ENTRY}2.`;
const IF_NAME = `${IF_X_ENTRY}1.`;
const ROWS_LOOKED_AT_MAX = 16;
const OBJECT_CHARS_MAX = 64;

export interface Subject {
  /** Interface, neighbour, sensor …; empty when the trap names none. */
  object: string;
  /** The object is an interface, by the name that polls give it. */
  isInterface: boolean;
}

/** What a trap is about. An interface gets the name that polls know it by, whatever the trap calls it. */
export function subjectOf(pdu: PduReader, device: string, ports: PortNames): Subject {
  let index: number | undefined;
  let text = "";
  let instance = "";
  const rows = Math.min(pdu.varbinds.count, ROWS_LOOKED_AT_MAX);
  for (let row = 0; row < rows; row++) {
    const oid = pdu.oid(row);
    if (oid.startsWith(IF_INDEX)) index = Number(pdu.value(row));
    else if (oid.startsWith(IF_ENTRY) || oid.startsWith(IF_X_ENTRY))
      index ??= Number(oid.slice(oid.lastIndexOf(".") + 1));
    else if (instance === "") instance = identifyingInstance(oid);
    if (oid.startsWith(IF_NAME)) text = pdu.value(row);
    else if (text === "" && oid.startsWith(IF_DESCR)) text = pdu.value(row);
  }
  if (index === undefined) return { object: instance, isInterface: false };
  const polled = ports.byIndex(device, index) ?? ports.byText(device, text);
  const named = polled ?? (text === "" ? `ifIndex ${index}` : text.slice(0, OBJECT_CHARS_MAX));
  return { object: named, isInterface: polled !== undefined };
}

function identifyingInstance(oid: string): string {
  const found = bindingNameOf(oid);
  return found?.known.identifies ? found.instance.slice(0, OBJECT_CHARS_MAX) : "";
}
