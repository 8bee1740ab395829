import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { SigningKeySchema, type TrustBundle, TrustBundleSchema } from "@watchpost/proto";
import type { Clock } from "../../context.ts";
import { type CertificateAuthority, openAuthority } from "./certificate-authority.ts";
import { openSigningKey, type SigningKey } from "./signing-key.ts";

export { type CertificateAuthority, type ServerIdentity } from "./certificate-authority.ts";
export type { SigningKey } from "./signing-key.ts";
export { type PeerName, peerNameOf, spiffeId } from "./spiffe.ts";

/** The keys this hub is known by. */
export interface Authority {
  certificates: CertificateAuthority;
  signing: SigningKey;
  /** What a collector must trust: who may speak as the hub, and who may sign scripts. */
  trustBundle(): TrustBundle;
}

/** Opens the keys in `<hubDir>/ca` and `<hubDir>/signing`, making them on the first start. */
export async function openKeys(hubDir: string, clock: Clock): Promise<Authority> {
  const certificates = await openAuthority(join(hubDir, "ca"), clock);
  const signing = await openSigningKey(join(hubDir, "signing"));
  return {
    certificates,
    signing,
    trustBundle: () =>
      create(TrustBundleSchema, {
        certificateAuthorities: [certificates.der],
        signingKeys: [create(SigningKeySchema, { keyId: signing.keyId, publicKey: signing.publicKey })],
      }),
  };
}
