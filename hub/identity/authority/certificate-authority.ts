import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../context.ts";
import { HubError } from "../../error.ts";
import { readOrCreate } from "./key-file.ts";
import { type CollectorName, spiffeId } from "./spiffe.ts";
import * as x509 from "./x509.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Certificates begin in the past, so that a peer whose clock is a day behind still takes them. */
const BACKDATED_MS = 2 * DAY_MS;
const AUTHORITY_LIFETIME_MS = 3_650 * DAY_MS;
const SERVER_LIFETIME_MS = 730 * DAY_MS;
export const COLLECTOR_LIFETIME_MS = 30 * DAY_MS;
const REQUEST_BYTES_MAX = 4_096;
/** The name every collector checks, whatever address it dials. */
export const HUB_SERVER_NAME = "watchpost-hub";

export interface ServerIdentity {
  certificatePem: string;
  privateKeyPem: string;
}

export interface CollectorCertificate {
  der: Uint8Array<ArrayBuffer>;
  /** Lower-case hex. */
  serial: string;
  notAfter: Date;
}

export interface CertificateAuthority {
  readonly der: Uint8Array<ArrayBuffer>;
  readonly pem: string;
  /** Hex SHA-256 of the DER; the enrolment token carries it. */
  readonly fingerprint: string;
  /** A key and certificate for this process, for localhost, 127.0.0.1, watchpost-hub and `names`. */
  issueServer(names: readonly string[]): Promise<ServerIdentity>;
  /** Signs a PKCS#10 request for the given name; what the request itself claims is ignored. */
  issueCollector(request: Uint8Array, name: CollectorName): Promise<CollectorCertificate>;
}

/** Opens the authority kept in `dir`, making it on the first start. */
export async function openAuthority(dir: string, clock: Clock): Promise<CertificateAuthority> {
  const text = await readOrCreate(join(dir, "authority.pem"), () => createAuthority(clock));
  const [keyPem, certificatePem] = splitPem(text, dir);
  const [keyDer] = x509.PemConverter.decode(keyPem);
  if (!keyDer) throw new Error(`${join(dir, "authority.pem")} holds no private key. Restore it from a backup.`);
  const signingKey = await crypto.subtle.importKey("pkcs8", keyDer, ALGORITHM, false, ["sign"]);
  const certificate = new x509.X509Certificate(certificatePem);
  // For programs that connect from this machine; it holds nothing secret.
  await readOrCreate(join(dir, "certificate.pem"), () => Promise.resolve(certificate.toString("pem")));
  const issue = (leaf: Leaf) => issueLeaf({ certificate, signingKey, nowMs: clock.nowMs() }, leaf);
  const der = new Uint8Array(certificate.rawData);
  return {
    der,
    pem: certificate.toString("pem"),
    fingerprint: createHash("sha256").update(der).digest("hex"),
    async issueServer(names) {
      const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const issued = await issue({
        commonName: HUB_SERVER_NAME,
        publicKey: keys.publicKey,
        usage: x509.ExtendedKeyUsage.serverAuth,
        names: serverNames(names),
        lifetimeMs: SERVER_LIFETIME_MS,
      });
      const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
      return {
        // The authority is presented too: a collector that enrols knows it by its fingerprint alone.
        certificatePem: `${issued.toString("pem")}\n${certificate.toString("pem")}`,
        privateKeyPem: x509.PemConverter.encode(key, x509.PemConverter.PrivateKeyTag),
      };
    },
    async issueCollector(request, name) {
      const issued = await issue({
        commonName: name.collectorId,
        publicKey: await publicKeyOf(request),
        usage: x509.ExtendedKeyUsage.clientAuth,
        names: [{ type: "url", value: spiffeId(name) }],
        lifetimeMs: COLLECTOR_LIFETIME_MS,
      });
      return {
        der: new Uint8Array(issued.rawData),
        serial: issued.serialNumber.toLowerCase(),
        notAfter: issued.notAfter,
      };
    },
  };
}

async function createAuthority(clock: Clock): Promise<string> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "O=Watchpost, CN=Watchpost collector authority",
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(clock.nowMs() - BACKDATED_MS),
    notAfter: new Date(clock.nowMs() + AUTHORITY_LIFETIME_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return `${x509.PemConverter.encode(key, x509.PemConverter.PrivateKeyTag)}\n${certificate.toString("pem")}\n`;
}

function splitPem(text: string, dir: string): [key: string, certificate: string] {
  const [key, certificate] = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  if (!key || !certificate) {
    throw new Error(`${join(dir, "authority.pem")} does not hold a key and a certificate. Restore it from a backup.`);
  }
  return [key, certificate];
}

interface Leaf {
  commonName: string;
  publicKey: x509.PublicKeyType;
  usage: x509.ExtendedKeyUsageType;
  names: x509.JsonGeneralNames;
  lifetimeMs: number;
}

interface Issuer {
  certificate: x509.X509Certificate;
  signingKey: CryptoKey;
  nowMs: number;
}

async function issueLeaf(issuer: Issuer, leaf: Leaf): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject: [{ CN: [leaf.commonName] }],
    issuer: issuer.certificate.subject,
    publicKey: leaf.publicKey,
    signingKey: issuer.signingKey,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(issuer.nowMs - BACKDATED_MS),
    notAfter: new Date(issuer.nowMs + leaf.lifetimeMs),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([leaf.usage], false),
      new x509.SubjectAlternativeNameExtension(leaf.names, false),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  });
}

function serverNames(extra: readonly string[]): x509.JsonGeneralNames {
  const names = new Set([HUB_SERVER_NAME, "localhost", "127.0.0.1", "::1", ...extra]);
  return [...names].map((value) => ({ type: isIP(value) ? "ip" : "dns", value }));
}

/** The request's key, once the request has proven to hold it. */
async function publicKeyOf(request: Uint8Array): Promise<x509.PublicKey> {
  if (request.byteLength > REQUEST_BYTES_MAX) {
    throw new HubError(
      "too-large",
      `the certificate request has ${request.byteLength} bytes; ${REQUEST_BYTES_MAX} is the limit.`,
    );
  }
  const parsed = parseRequest(request);
  const algorithm = parsed.publicKey.algorithm;
  if (!("namedCurve" in algorithm) || algorithm.namedCurve !== "P-256") {
    throw new HubError(
      "bad-request",
      `the certificate request has a ${algorithm.name} key; send an ECDSA key on P-256.`,
    );
  }
  if (!(await parsed.verify())) {
    throw new HubError("bad-request", "the certificate request's signature does not fit its key. Make a new request.");
  }
  return parsed.publicKey;
}

function parseRequest(request: Uint8Array): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(Uint8Array.from(request));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HubError(
      "bad-request",
      `the certificate request (${request.byteLength} bytes) is no PKCS#10 DER: ${reason}`,
    );
  }
}
