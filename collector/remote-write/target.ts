import { readFileSync } from "node:fs";
import { authoritiesPem, HUB_SERVER_NAME, type IdentityStore } from "../enroll/index.ts";

export interface RemoteWriteTarget {
  /** What a person would call it. */
  name: string;
  timeoutMs: number;
  /** Put on every series. */
  extraLabels: Readonly<Record<string, string>>;
  /** Whether to ask it for zstd. The hub's gateway passes on what a store behind it may not know. */
  mayTakeZstd: boolean;
  /** Whether its /metrics are the store's own. The gateway says in its answers when the store behind it began. */
  showsItsStart: boolean;
  /** Read for each request: certificates and tokens are renewed while the collector runs. Throws when one is missing. */
  connection(): Connection;
}

export interface Connection {
  url: string;
  headers: Record<string, string>;
  tls?: { cert?: string; key?: string; ca?: string; serverName?: string };
  /** URL of an HTTP proxy; https stores are reached through CONNECT. */
  proxy?: string;
}

/** The hub's gateway. It puts site and collector on from the certificate, so nothing is added here. */
export function gatewayTarget(options: {
  identity: IdentityStore;
  timeoutMs: number;
  /** host:port to dial instead of the URL's; the certificate is checked all the same. */
  dialAddress?: string;
  proxy?: string | undefined;
}): RemoteWriteTarget {
  const { identity, timeoutMs, dialAddress, proxy } = options;
  return {
    name: `the hub's gateway ${identity.current().remoteWriteUrl}`,
    timeoutMs,
    extraLabels: {},
    mayTakeZstd: false,
    showsItsStart: false,
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
        ...(proxy === undefined ? {} : { proxy }),
      };
    },
  };
}

export interface DirectOptions {
  url: string;
  site: string;
  collectorId: string;
  timeoutMs: number;
  proxy?: string | undefined;
  bearerTokenFile?: string | undefined;
  /** Basic authentication. */
  username?: string | undefined;
  passwordFile?: string | undefined;
  /** Authority of the store's certificate; the system's when not given. */
  caFile?: string | undefined;
  /** This collector's own certificate, where the store asks for one. */
  certificateFile?: string | undefined;
  keyFile?: string | undefined;
}

/** A store that is written to directly: what the gateway would put on is put on here. */
export function directTarget(options: DirectOptions): RemoteWriteTarget {
  const { url, site, collectorId, timeoutMs, proxy } = options;
  return {
    name: `the store ${new URL(url).origin}`,
    timeoutMs,
    extraLabels: { site, collector: collectorId },
    mayTakeZstd: true,
    showsItsStart: true,
    connection: () => ({
      url,
      headers: authorizationOf(options),
      tls: {
        ...(options.caFile === undefined ? {} : { ca: textOf(options.caFile) }),
        ...(options.certificateFile === undefined ? {} : { cert: textOf(options.certificateFile) }),
        ...(options.keyFile === undefined ? {} : { key: textOf(options.keyFile) }),
      },
      ...(proxy === undefined ? {} : { proxy }),
    }),
  };
}

function authorizationOf({ bearerTokenFile, username, passwordFile }: DirectOptions): Record<string, string> {
  if (bearerTokenFile !== undefined) return { authorization: `Bearer ${textOf(bearerTokenFile)}` };
  if (username === undefined) return {};
  const password = passwordFile === undefined ? "" : textOf(passwordFile);
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

function textOf(file: string): string {
  return readFileSync(file, "utf8").trim();
}
