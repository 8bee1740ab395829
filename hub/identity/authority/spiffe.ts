import * as x509 from "./x509.ts";

export const TRUST_DOMAIN = "watchpost";
const PATTERN = /^spiffe:\/\/watchpost\/site\/([a-z0-9-]{1,63})\/collector\/([0-9a-f-]{36})$/;

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

/** The identity in a certificate that TLS has verified already; undefined when it is not a collector's. */
export function peerNameOf(der: Uint8Array): PeerName | undefined {
  const certificate = new x509.X509Certificate(Uint8Array.from(der));
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  const [only, ...others] = names;
  if (!only || others.length > 0 || only.type !== "url") return undefined;
  const [, site, collectorId] = PATTERN.exec(only.value) ?? [];
  if (!site || !collectorId) return undefined;
  return { site, collectorId, serial: certificate.serialNumber.toLowerCase() };
}
