/** How every subject asks: the same words in each one's own form. */
export const COMMUNITY = { name: "community", version: "v2c", community: "public" } as const;

export const USER = {
  name: "user",
  version: "v3",
  user: "bench",
  authProtocol: "sha256",
  authPassword: "bench-auth-password",
  privProtocol: "aes128",
  privPassword: "bench-priv-password",
  contextName: "",
} as const;

export type BenchVersion = "v2c" | "v3";
