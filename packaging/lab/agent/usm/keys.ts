import { createHash, createHmac, type Hash } from "node:crypto";

export type AuthProtocol = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** Bytes of the truncated HMAC on the wire (RFC 3414, RFC 7860). */
export const DIGEST_BYTES: Record<AuthProtocol, number> = {
  md5: 12,
  sha1: 12,
  sha224: 16,
  sha256: 24,
  sha384: 32,
  sha512: 48,
};

const STRETCHED_BYTES = 1_048_576;
const CACHED_KEYS_MAX = 1_024;
const stretched = new Map<string, Buffer>();

/** Ku of RFC 3414 A.2: the password repeated over a mebibyte, hashed. Costs milliseconds, so each is made once. */
export function passwordKey(protocol: AuthProtocol, password: string): Buffer {
  const cacheKey = `${protocol}:${password}`;
  const known = stretched.get(cacheKey);
  if (known) return known;
  const key = stretch(createHash(protocol), Buffer.from(password));
  if (stretched.size >= CACHED_KEYS_MAX) stretched.clear();
  stretched.set(cacheKey, key);
  return key;
}

function stretch(hash: Hash, secret: Buffer): Buffer {
  if (secret.length === 0) throw new RangeError("an SNMPv3 password cannot be empty");
  const block = Buffer.alloc(Math.ceil(65_536 / secret.length) * secret.length, secret);
  let left = STRETCHED_BYTES;
  for (; left >= block.length; left -= block.length) hash.update(block);
  return hash.update(block.subarray(0, left)).digest();
}

/** Kul: the key for one engine. */
export function localizedKey(protocol: AuthProtocol, key: Buffer, engineId: Uint8Array): Buffer {
  return createHash(protocol).update(key).update(engineId).update(key).digest();
}

export function digestOf(protocol: AuthProtocol, key: Buffer, message: Uint8Array): Buffer {
  return createHmac(protocol, key).update(message).digest().subarray(0, DIGEST_BYTES[protocol]);
}

/** Lengthens a localized key by hashing what is there (Blumenthal's draft): Kul || H(Kul) || H(Kul || H(Kul)) … */
export function extendByHash(protocol: AuthProtocol, key: Buffer, bytes: number): Buffer {
  let extended = key;
  while (extended.length < bytes) extended = Buffer.concat([extended, createHash(protocol).update(extended).digest()]);
  return extended.subarray(0, bytes);
}

/** Lengthens a localized key by taking it for a password (Reeder's draft, as Cisco does). */
export function extendByPassword(protocol: AuthProtocol, key: Buffer, engineId: Uint8Array, bytes: number): Buffer {
  let extended = key;
  let last = key;
  while (extended.length < bytes) {
    last = localizedKey(protocol, stretch(createHash(protocol), last), engineId);
    extended = Buffer.concat([extended, last]);
  }
  return extended.subarray(0, bytes);
}
