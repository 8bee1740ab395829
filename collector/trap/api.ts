/** A decoded trap or inform. What it holds of the datagram is copied: it may outlive it. */
export interface Notification {
  version: "v1" | "v2c" | "v3";
  isInform: boolean;
  /** snmpTrapOID; for SNMPv1 made of enterprise, generic and specific as RFC 3584 says. */
  trapOid: string;
  uptimeTicks: number;
  /** agent-addr of SNMPv1, or snmpTrapAddress of a proxy; empty without one. */
  agentAddress: string;
  bindings: Binding[];
}

export interface Binding {
  oid: string;
  value: string;
}

/** What happened to every datagram since the start; they add up to `received`. */
export interface TrapCounters {
  received: number;
  /** Traps and informs that were understood and given on. */
  traps: number;
  informs: number;
  /** Informs that came again since their answer was lost or late. */
  duplicates: number;
  rateLimited: number;
  /** Not BER, not SNMP, or cut short. */
  malformed: number;
  /** A question or an answer: nothing for this port. */
  otherPdu: number;
  unknownCommunity: number;
  /** SNMPv3: a user, key, level or time that is not right. */
  unauthentic: number;
  /** SNMPv3: senders told which engine this is. */
  discoveries: number;
  /** Understood, but from no configured device; these count as traps or informs too. */
  unknownSources: number;
  acknowledged: number;
  /** Informs left without an answer, since their event could not be kept: the sender tries again. */
  unacknowledged: number;
}

export function createTrapCounters(): TrapCounters {
  return {
    received: 0,
    traps: 0,
    informs: 0,
    duplicates: 0,
    rateLimited: 0,
    malformed: 0,
    otherPdu: 0,
    unknownCommunity: 0,
    unauthentic: 0,
    discoveries: 0,
    unknownSources: 0,
    acknowledged: 0,
    unacknowledged: 0,
  };
}
