import { oid, Pdu, Tag, type Writer } from "../device/snmp/index.ts";

export type ReportKind =
  | "unsupported-level"
  | "time-window"
  | "unknown-user"
  | "unknown-engine"
  | "wrong-digest"
  | "decryption";

/** usmStats of RFC 3414. */
const USM_STATS = {
  "unsupported-level": oid("1.3.6.1.6.3.15.1.1.1.0"),
  "time-window": oid("1.3.6.1.6.3.15.1.1.2.0"),
  "unknown-user": oid("1.3.6.1.6.3.15.1.1.3.0"),
  "unknown-engine": oid("1.3.6.1.6.3.15.1.1.4.0"),
  "wrong-digest": oid("1.3.6.1.6.3.15.1.1.5.0"),
  decryption: oid("1.3.6.1.6.3.15.1.1.6.0"),
} as const;

/** Writes the Report-PDU that tells a sender what is wrong with its message; `count` is how often that happened. */
export function writeReport(writer: Writer, report: { kind: ReportKind; requestId: number; count: number }): void {
  const end = writer.at;
  writeCounter32(writer, report.count);
  const nameEnd = writer.at;
  writer.raw(USM_STATS[report.kind].bytes);
  writer.wrap(Tag.ObjectId, nameEnd);
  writer.wrap(Tag.Sequence, end);
  writer.wrap(Tag.Sequence, end);
  writer.integer(0);
  writer.integer(0);
  writer.integer(report.requestId);
  writer.wrap(Pdu.Report, end);
}

function writeCounter32(writer: Writer, value: number): void {
  const end = writer.at;
  for (let shift = 0; shift < 32; shift += 8) writer.byte((value >>> shift) & 0xff);
  writer.byte(0);
  writer.wrap(Tag.Counter32, end);
}
