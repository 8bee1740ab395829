import { authoritiesPem, HUB_SERVER_NAME, type IdentityStore } from "../enroll/index.ts";

export interface RemoteWriteTarget {
  /** What a person would call it. */
  name: string;
  timeoutMs: number;
  /** Put on every series. */
  extraLabels: Readonly<Record<string, string>>;
  /** Read for each request: certificates are renewed while the collector runs. */
  connection(): Connection;
}

export interface Connection {
  url: string;
  headers: Record<string, string>;
  tls?: { cert: string; key: string; ca: string; serverName: string };
}

/** The hub's gateway. It puts site and collector on from the certificate, so nothing is added here. */
export function gatewayTarget(options: {
  identity: IdentityStore;
  timeoutMs: number;
  /** host:port to dial instead of the URL's; the certificate is checked all the same. */
  dialAddress?: string;
}): RemoteWriteTarget {
  const { identity, timeoutMs, dialAddress } = options;
  return {
    name: `the hub's gateway ${identity.current().remoteWriteUrl}`,
    timeoutMs,
    extraLabels: {},
    connection() {
      const { certificatePem, privateKeyPem, remoteWriteUrl } = identity.current();
      const url = new URL(remoteWriteUrl);
      const headers = { host: url.host };
      if (dialAddress !== undefined) url.host = dialAddress;
      const ca = authoritiesPem(identity.current());
      return {
        url: url.href,
        headers,
        tls: { cert: certificatePem, key: privateKeyPem, ca, serverName: HUB_SERVER_NAME },
      };
    },
  };
}

/** A store that is written to directly: what the gateway would put on is put on here. */
export function directTarget(options: {
  url: string;
  site: string;
  collectorId: string;
  timeoutMs: number;
}): RemoteWriteTarget {
  const { url, site, collectorId, timeoutMs } = options;
  return {
    name: `the store ${new URL(url).origin}`,
    timeoutMs,
    extraLabels: { site, collector: collectorId },
    connection: () => ({ url, headers: {} }),
  };
}
