import { formatOid } from "../oid.ts";
import type { Varbinds } from "../varbinds.ts";

export type Report =
  | "unsupported-security-level"
  | "not-in-time-window"
  | "unknown-user"
  | "unknown-engine"
  | "wrong-digest"
  | "decryption-error"
  | "other";

/** usmStats of RFC 3414 by the last number of their OID. */
const USM_STATS: Record<string, Report> = {
  "1.3.6.1.6.3.15.1.1.1.0": "unsupported-security-level",
  "1.3.6.1.6.3.15.1.1.2.0": "not-in-time-window",
  "1.3.6.1.6.3.15.1.1.3.0": "unknown-user",
  "1.3.6.1.6.3.15.1.1.4.0": "unknown-engine",
  "1.3.6.1.6.3.15.1.1.5.0": "wrong-digest",
  "1.3.6.1.6.3.15.1.1.6.0": "decryption-error",
};

/** What a Report-PDU reports. */
export function reportOf(varbinds: Varbinds): Report {
  if (varbinds.count === 0) return "other";
  const name = formatOid(varbinds.bytes, varbinds.oidStart[0] ?? 0, varbinds.oidEnd[0] ?? 0);
  return USM_STATS[name] ?? "other";
}

/** What the report means for the person who wrote the credential. */
export function explainReport(report: Report, user: string): string {
  switch (report) {
    case "unknown-user":
      return `the agent does not know user "${user}"; create it there or correct the credential`;
    case "wrong-digest":
      return `the agent refuses the authentication of user "${user}": its password or protocol differs from the agent's`;
    case "decryption-error":
      return `the agent cannot decrypt for user "${user}": the privacy password or protocol differs from the agent's`;
    case "unsupported-security-level":
      return `the agent does not allow this security level for user "${user}": set the authentication and privacy protocols it asks for`;
    case "not-in-time-window":
      return `the agent keeps refusing the engine time it told us itself; restart its SNMP service or look for two agents behind one address`;
    case "unknown-engine":
      return `the agent keeps refusing the engine id it told us itself; look for two agents behind one address`;
    case "other":
      return `the agent answers with a report that this version does not know`;
  }
}
