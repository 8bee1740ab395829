/** What the engine has seen since it started. Bad replies are counted apart and never read as "device down". */
export interface SnmpCounters {
  sent: number;
  received: number;
  matched: number;
  timeouts: number;
  /** Not BER, not SNMP, or cut short. */
  malformed: number;
  /** Right id, but not from the address and port that were asked. */
  wrongSource: number;
  /** A true id that was already answered or given up. */
  late: number;
  /** An id that was never ours. */
  unknownId: number;
  /** An SNMPv3 reply whose MAC, engine or security level is wrong. */
  unauthentic: number;
  reports: number;
  /** SNMPv3 engines found, and clocks set again after a reboot or a jump. */
  discoveries: number;
  resyncs: number;
  refused: number;
  tooBig: number;
  /** Walks stopped because an agent went backwards or in a circle. */
  nonIncreasing: number;
  /** Datagrams that the kernel would not take. */
  sendFailures: number;
  /** What the kernel grants each shared socket; 0 while none is open or where it cannot be told. */
  receiveBufferBytes: number;
}

export function createCounters(): SnmpCounters {
  return {
    sent: 0,
    received: 0,
    matched: 0,
    timeouts: 0,
    malformed: 0,
    wrongSource: 0,
    late: 0,
    unknownId: 0,
    unauthentic: 0,
    reports: 0,
    discoveries: 0,
    resyncs: 0,
    refused: 0,
    tooBig: 0,
    nonIncreasing: 0,
    sendFailures: 0,
    receiveBufferBytes: 0,
  };
}
