import { appendObject } from "./binding.ts";
import { wrapCommunity } from "./community.ts";
import { Frame } from "./frame.ts";
import { encodeOid, parseOid } from "./oid.ts";
import { wrapPdu } from "./respond.ts";
import { PDU, TAG } from "./tag.ts";
import { type EngineState, sealMessage } from "./usm/seal.ts";
import { levelOf } from "./usm/answer.ts";
import type { UsmUser } from "./usm/user.ts";
import { fixed, ipAddress, objectId, timeTicks, type Value } from "./value.ts";

export interface Notification {
  /** Below snmpTraps: coldStart 1, warmStart 2, linkDown 3, linkUp 4. */
  generic: 1 | 2 | 3 | 4;
  uptimeTicks: number;
  bindings: readonly { oid: string; value: Value }[];
  /** For SNMPv1 only. */
  enterprise: string;
  agentAddress: string;
}

export type NotificationSecurity =
  | { version: "v1" | "v2c"; community: string }
  | { version: "v3"; user: UsmUser; engine: EngineState };

const MESSAGE_BYTES_MAX = 1_472;
const SNMP_TRAPS = "1.3.6.1.6.3.1.1.5";
const SYS_UPTIME = "1.3.6.1.2.1.1.3.0";
const SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0";

/** A whole trap message. `requestId` doubles as message id. */
export function encodeTrap(notification: Notification, security: NotificationSecurity, requestId: number): Uint8Array {
  const frame = new Frame();
  if (security.version === "v1") {
    appendTrapV1(frame, notification);
    wrapCommunity(frame, "v1", new TextEncoder().encode(security.community));
    return frame.message();
  }
  appendBinding(frame, SYS_UPTIME, timeTicks(notification.uptimeTicks));
  appendBinding(frame, SNMP_TRAP_OID, objectId(`${SNMP_TRAPS}.${notification.generic}`));
  for (const { oid, value } of notification.bindings) appendBinding(frame, oid, value);
  wrapPdu(frame, PDU.trapV2, { requestId, status: 0, index: 0 });
  if (security.version === "v3") {
    sealMessage(frame, {
      engine: security.engine,
      user: security.user,
      level: levelOf(security.user),
      messageId: requestId,
      messageBytesMax: MESSAGE_BYTES_MAX,
      contextName: new Uint8Array(0),
      reportable: false,
    });
  } else wrapCommunity(frame, "v2c", new TextEncoder().encode(security.community));
  return frame.message();
}

function appendTrapV1(frame: Frame, notification: Notification): void {
  for (const { oid, value } of notification.bindings) appendBinding(frame, oid, value);
  frame.wrap(TAG.sequence);
  for (const value of [
    timeTicks(notification.uptimeTicks),
    fixed(TAG.integer, Uint8Array.of(0)),
    fixed(TAG.integer, Uint8Array.of(notification.generic - 1)),
    ipAddress(notification.agentAddress),
    objectId(notification.enterprise),
  ]) {
    if (value.kind === "fixed") frame.prepend(value.encoded);
  }
  frame.wrap(PDU.trapV1);
}

function appendBinding(frame: Frame, oid: string, value: Value): void {
  appendObject(frame, { name: fixed(TAG.oid, encodeOid(parseOid(oid))).encoded, value }, 0);
}
