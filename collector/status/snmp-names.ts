import type { SnmpCounters } from "../device/snmp/index.ts";

type Names = readonly (readonly [name: string, key: keyof SnmpCounters])[];

/** A bad reply is counted apart and never read as a device that is down. */
export const SNMP_OUTCOMES: Names = [
  ["sent", "sent"],
  ["received", "received"],
  ["taken", "matched"],
  ["malformed", "malformed"],
  ["wrong-source", "wrongSource"],
  ["late", "late"],
  ["unknown-id", "unknownId"],
  ["unauthentic", "unauthentic"],
  ["report", "reports"],
  ["not-sent", "sendFailures"],
];

export const SNMP_EVENTS: Names = [
  ["timeout", "timeouts"],
  ["refused", "refused"],
  ["discovery", "discoveries"],
  ["resync", "resyncs"],
  ["too-big", "tooBig"],
  ["non-increasing", "nonIncreasing"],
];
