import { X509Certificate } from "node:crypto";

export const TRUST_DOMAIN = "watchpost";
const PATTERN = /^URI:spiffe:\/\/watchpost\/site\/([a-z0-9-]{1,63})\/collector\/([0-9a-f-]{36})$/;

/** Who a collector is, according to its certificate. */
export interface CollectorName {
  site: string;
  collectorId: string;
}

export interface PeerName extends CollectorName {
  /** Lower-case hex. */
  serial: string;
}

export function spiffeId(name: CollectorName): string {
  return `spiffe://${TRUST_DOMAIN}/site/${name.site}/collector/${name.collectorId}`;
}

/**
 * The identity in a certificate that TLS has verified already; undefined when it is not a collector's. The runtime's
 * own parser: a tenth of the CPU of one in JavaScript, and a thousand collectors may come back in one moment.
 */
export function peerNameOf(der: Uint8Array): PeerName | undefined {
  const certificate = new X509Certificate(der);
  // A name with a comma or a quote would be quoted here, and no name of ours has one.
  const [, site, collectorId] = PATTERN.exec(certificate.subjectAltName ?? "") ?? [];
  if (!site || !collectorId) return undefined;
  return { site, collectorId, serial: certificate.serialNumber.toLowerCase() };
}
