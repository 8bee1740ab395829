import "reflect-metadata";
import { PemConverter, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface KeyPair {
  privateKeyPem: string;
  /** PKCS#10, DER. The hub takes the key from it and nothing else. */
  certificateRequest: Uint8Array<ArrayBuffer>;
}

/** A fresh key and the request for its certificate. */
export async function createKeyPair(): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=watchpost-collector",
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    privateKeyPem: PemConverter.encode(key, "PRIVATE KEY"),
    certificateRequest: new Uint8Array(request.rawData),
  };
}

export function certificatePem(der: Uint8Array): string {
  return PemConverter.encode(Uint8Array.from(der), "CERTIFICATE");
}
