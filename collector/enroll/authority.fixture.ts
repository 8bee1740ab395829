import "reflect-metadata";
import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import * as x509 from "@peculiar/x509";
import { TrustBundleSchema } from "@watchpost/proto";
import { type Identity, type IdentityStore, saveIdentity } from "./identity.ts";
import { certificatePem, createKeyPair } from "./key-pair.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

export type TestAuthority = Awaited<ReturnType<typeof createTestAuthority>>;

/** An authority of a test's own: makes what a hub holds and what a collector holds. */
export async function createTestAuthority() {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Test authority",
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const der = new Uint8Array(ca.rawData);

  async function sign(
    publicKey: x509.PublicKeyType,
    names: x509.JsonGeneralNames,
    life: { fromMs: number; toMs: number },
  ) {
    return x509.X509CertificateGenerator.create({
      issuer: ca.subject,
      subject: "CN=test",
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(life.fromMs),
      notAfter: new Date(life.toMs),
      extensions: [new x509.SubjectAlternativeNameExtension(names)],
    });
  }
  const today = () => ({ fromMs: Date.now() - DAY_MS, toMs: Date.now() + DAY_MS });

  return {
    der,
    pem: ca.toString("pem"),
    fingerprint: createHash("sha256").update(der).digest("hex"),
    trust: () => create(TrustBundleSchema, { certificateAuthorities: [der] }),

    /** Leaf and authority, as a hub presents them. */
    async server(name = "watchpost-hub"): Promise<{ key: string; cert: string }> {
      const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const leaf = await sign(pair.publicKey, [{ type: "dns", value: name }], today());
      const key = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
      return {
        key: x509.PemConverter.encode(key, "PRIVATE KEY"),
        cert: `${leaf.toString("pem")}\n${ca.toString("pem")}`,
      };
    },

    async signRequest(request: Uint8Array, life = today()): Promise<Uint8Array<ArrayBuffer>> {
      const parsed = new x509.Pkcs10CertificateRequest(Uint8Array.from(request));
      const names: x509.JsonGeneralNames = [{ type: "url", value: "spiffe://watchpost/site/harbor/collector/c1" }];
      return new Uint8Array((await sign(parsed.publicKey, names, life)).rawData);
    },

    async identity(dir: string, change: Partial<Identity> = {}, life = today()): Promise<IdentityStore> {
      const pair = await createKeyPair();
      return saveIdentity(dir, {
        collectorId: "c1",
        site: "harbor",
        certificatePem: certificatePem(await this.signRequest(pair.certificateRequest, life)),
        privateKeyPem: pair.privateKeyPem,
        trust: this.trust(),
        linkAddress: "127.0.0.1:1",
        remoteWriteUrl: "https://127.0.0.1:1/api/v1/write",
        ...change,
      });
    },
  };
}
