import type { AuthProtocol, PrivProtocol } from "../credential.ts";

/** RFC 3414 and RFC 7860: hash, and how much of the HMAC travels. */
export const AUTH: Record<AuthProtocol, { hash: Bun.SupportedCryptoAlgorithms; macBytes: number }> = {
  md5: { hash: "md5", macBytes: 12 },
  sha1: { hash: "sha1", macBytes: 12 },
  sha224: { hash: "sha224", macBytes: 16 },
  sha256: { hash: "sha256", macBytes: 24 },
  sha384: { hash: "sha384", macBytes: 32 },
  sha512: { hash: "sha512", macBytes: 48 },
};

/** RFC 3414 (DES), RFC 3826 (AES-128) and the two drafts that stretch a short key for AES-192 and AES-256. */
export const PRIV: Record<PrivProtocol, { keyBytes: number; extension: "none" | "blumenthal" | "reeder" }> = {
  des: { keyBytes: 16, extension: "none" },
  aes128: { keyBytes: 16, extension: "none" },
  aes192: { keyBytes: 24, extension: "blumenthal" },
  aes256: { keyBytes: 32, extension: "blumenthal" },
  aes192c: { keyBytes: 24, extension: "reeder" },
  aes256c: { keyBytes: 32, extension: "reeder" },
};
