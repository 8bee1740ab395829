/** Counters of SNMP-USER-BASED-SM-MIB that a report carries: usmStats.N.0. */
export const USM_STATS = {
  unsupportedSecurityLevels: 1,
  notInTimeWindows: 2,
  unknownUserNames: 3,
  unknownEngineIds: 4,
  wrongDigests: 5,
  decryptionErrors: 6,
} as const;

export type UsmStat = keyof typeof USM_STATS;

export const USM_STATS_OID = "1.3.6.1.6.3.15.1.1";
