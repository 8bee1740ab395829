/** How an agent is asked. The shape of collector.yaml's credentials, so that an entry can be passed on as it is. */
export type SnmpCredential = CommunityCredential | UserCredential;

export interface CommunityCredential {
  name: string;
  version: "v1" | "v2c";
  community: string;
}

export interface UserCredential {
  name: string;
  version: "v3";
  user: string;
  authProtocol: AuthProtocol | "none";
  authPassword?: string | undefined;
  privProtocol: PrivProtocol | "none";
  privPassword?: string | undefined;
  contextName: string;
}

export type AuthProtocol = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
/** The suffix c means the key extension that Cisco ships (Reeder); without it Blumenthal's. */
export type PrivProtocol = "des" | "aes128" | "aes192" | "aes256" | "aes192c" | "aes256c";

/** One agent and how to ask it. */
export interface Target {
  /** What a person calls it: begins every message about it. */
  name: string;
  address: string;
  port: number;
  credential: SnmpCredential;
  timeoutMs: number;
  /** Tries after the first one. */
  retries: number;
}
