import type { CommunityAccess, UserCredential } from "./agent/index.ts";
import type { Passwords } from "./state/index.ts";
import type { CredentialName } from "./topology/index.ts";

/** An entry of `credentials` in a collector's configuration. */
export type LabCredential =
  | ({ name: CredentialName } & CommunityAccess)
  | ({ name: CredentialName; version: "v3" } & UserCredential);

/** The site's credentials: mostly v2c, the UPS v1, the core and the edge v3, two old switches weak v3. */
export function credentialsFrom(passwords: Passwords): Record<CredentialName, LabCredential> {
  return {
    "lab-v2c": { name: "lab-v2c", version: "v2c", community: passwords.community },
    "lab-v1": { name: "lab-v1", version: "v1", community: passwords.communityV1 },
    "core-v3": {
      name: "core-v3",
      version: "v3",
      user: "watchpost-core",
      authProtocol: "sha256",
      authPassword: passwords.coreAuth,
      privProtocol: "aes128",
      privPassword: passwords.corePriv,
    },
    "firewall-v3": {
      name: "firewall-v3",
      version: "v3",
      user: "watchpost-fw",
      authProtocol: "sha512",
      authPassword: passwords.firewallAuth,
      privProtocol: "aes256",
      privPassword: passwords.firewallPriv,
    },
    "router-v3": {
      name: "router-v3",
      version: "v3",
      user: "watchpost-rtr",
      authProtocol: "sha1",
      authPassword: passwords.routerAuth,
      privProtocol: "aes128",
      privPassword: passwords.routerPriv,
    },
    "access-v3-signed": {
      name: "access-v3-signed",
      version: "v3",
      user: "watchpost-signed",
      authProtocol: "sha1",
      authPassword: passwords.accessAuth,
      privProtocol: "none",
    },
    "access-v3-des": {
      name: "access-v3-des",
      version: "v3",
      user: "watchpost-des",
      authProtocol: "md5",
      authPassword: passwords.accessAuth,
      privProtocol: "des",
      privPassword: passwords.accessPriv,
    },
  };
}
