import { createCipheriv, createDecipheriv } from "node:crypto";

export type PrivProtocol = "des" | "aes128" | "aes192" | "aes256" | "aes192c" | "aes256c";

/** Bytes of key material each protocol needs; DES takes eight for the key and eight for the IV. */
export const PRIV_KEY_BYTES: Record<PrivProtocol, number> = {
  des: 16,
  aes128: 16,
  aes192: 24,
  aes256: 32,
  aes192c: 24,
  aes256c: 32,
};

export const SALT_BYTES = 8;

interface Sealed {
  key: Buffer;
  salt: Uint8Array;
  engineBoots: number;
  engineTime: number;
}

export function encrypt(protocol: PrivProtocol, sealed: Sealed, plain: Uint8Array): Uint8Array {
  if (protocol === "des") {
    const padded = Buffer.alloc(Math.ceil(plain.length / 8) * 8);
    padded.set(plain);
    const cipher = createCipheriv("des-cbc", sealed.key.subarray(0, 8), desIv(sealed)).setAutoPadding(false);
    return Buffer.concat([cipher.update(padded), cipher.final()]);
  }
  if (sealed.key.length === 24) return encryptCfb192(sealed.key, aesIv(sealed), plain);
  const cipher = createCipheriv(cfbName(sealed.key), sealed.key, aesIv(sealed));
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** Undefined when the ciphertext cannot be one of this protocol; a wrong key yields garbage, as on the wire. */
export function decrypt(protocol: PrivProtocol, sealed: Sealed, cipherText: Uint8Array): Uint8Array | undefined {
  if (sealed.salt.length !== SALT_BYTES || cipherText.length === 0) return undefined;
  if (protocol === "des") {
    if (cipherText.length % 8 !== 0) return undefined;
    const cipher = createDecipheriv("des-cbc", sealed.key.subarray(0, 8), desIv(sealed)).setAutoPadding(false);
    return Buffer.concat([cipher.update(cipherText), cipher.final()]);
  }
  if (sealed.key.length === 24) return decryptCfb192(sealed.key, aesIv(sealed), cipherText);
  const cipher = createDecipheriv(cfbName(sealed.key), sealed.key, aesIv(sealed));
  return Buffer.concat([cipher.update(cipherText), cipher.final()]);
}

function cfbName(key: Buffer): string {
  return key.length === 16 ? "aes-128-cfb" : "aes-256-cfb";
}

function desIv(sealed: Sealed): Buffer {
  const iv = Buffer.from(sealed.key.subarray(8, 16));
  for (let i = 0; i < 8; i += 1) iv[i] = (iv[i] ?? 0) ^ (sealed.salt[i] ?? 0);
  return iv;
}

function aesIv(sealed: Sealed): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(sealed.engineBoots, 0);
  iv.writeUInt32BE(sealed.engineTime, 4);
  iv.set(sealed.salt, 8);
  return iv;
}

/** Bun's crypto has no aes-192-cfb; CFB-128 is the block cipher run over the ciphertext so far, XORed with the text. */
function encryptCfb192(key: Buffer, iv: Buffer, plain: Uint8Array): Buffer {
  const ecb = createCipheriv("aes-192-ecb", key, null).setAutoPadding(false);
  const out = Buffer.from(plain);
  let feedback = iv;
  for (let at = 0; at < out.length; at += 16) {
    const pad = ecb.update(feedback);
    for (let i = at; i < Math.min(at + 16, out.length); i += 1) out[i] = (out[i] ?? 0) ^ (pad[i - at] ?? 0);
    feedback = out.subarray(at, at + 16);
  }
  return out;
}

function decryptCfb192(key: Buffer, iv: Buffer, cipherText: Uint8Array): Buffer {
  const blocks = Math.ceil(cipherText.length / 16);
  const feedback = Buffer.concat([iv, cipherText]).subarray(0, blocks * 16);
  const pad = createCipheriv("aes-192-ecb", key, null).setAutoPadding(false).update(feedback);
  const out = Buffer.from(cipherText);
  for (let i = 0; i < out.length; i += 1) out[i] = (out[i] ?? 0) ^ (pad[i] ?? 0);
  return out;
}
