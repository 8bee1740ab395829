import { createCipheriv, createDecipheriv } from "node:crypto";
import type { PrivProtocol } from "../credential.ts";

const BLOCK_BYTES = 16;
export const SALT_BYTES = 8;

export interface Sealing {
  protocol: PrivProtocol;
  key: Buffer;
  engineBoots: number;
  engineTime: number;
}

/** Encrypts a scoped PDU. */
export function encrypt(sealing: Sealing, salt: Buffer, plain: Uint8Array): Buffer {
  const { protocol, key } = sealing;
  if (protocol === "des") {
    const padded = Buffer.alloc(Math.ceil(plain.length / 8) * 8);
    padded.set(plain);
    const cipher = createCipheriv("des-cbc", key.subarray(0, 8), desVector(key, salt)).setAutoPadding(false);
    return Buffer.concat([cipher.update(padded), cipher.final()]);
  }
  const vector = aesVector(sealing, salt);
  if (key.length === 24) return encryptCfb192(key, vector, plain);
  const cipher = createCipheriv(key.length === 16 ? "aes-128-cfb" : "aes-256-cfb", key, vector);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** Decrypts; undefined when the ciphertext cannot be one (DES works in blocks of 8, a salt has 8 bytes). */
export function decrypt(sealing: Sealing, salt: Buffer, secret: Uint8Array): Buffer | undefined {
  const { protocol, key } = sealing;
  if (salt.length !== SALT_BYTES) return undefined;
  if (protocol === "des") {
    if (secret.length % 8 !== 0) return undefined;
    const decipher = createDecipheriv("des-cbc", key.subarray(0, 8), desVector(key, salt)).setAutoPadding(false);
    return Buffer.concat([decipher.update(secret), decipher.final()]);
  }
  const vector = aesVector(sealing, salt);
  if (key.length === 24) return decryptCfb192(key, vector, secret);
  const decipher = createDecipheriv(key.length === 16 ? "aes-128-cfb" : "aes-256-cfb", key, vector);
  return Buffer.concat([decipher.update(secret), decipher.final()]);
}

function desVector(key: Buffer, salt: Buffer): Buffer {
  const vector = Buffer.alloc(8);
  for (let i = 0; i < 8; i++) vector[i] = (key[8 + i] as number) ^ (salt[i] as number);
  return vector;
}

function aesVector(sealing: Sealing, salt: Buffer): Buffer {
  const vector = Buffer.alloc(BLOCK_BYTES);
  vector.writeUInt32BE(sealing.engineBoots, 0);
  vector.writeUInt32BE(sealing.engineTime, 4);
  salt.copy(vector, 8);
  return vector;
}

/** The runtime has no aes-192-cfb: the same mode on its block cipher. */
function encryptCfb192(key: Buffer, vector: Buffer, plain: Uint8Array): Buffer {
  const blocks = createCipheriv("aes-192-ecb", key, null).setAutoPadding(false);
  const secret = Buffer.alloc(plain.length);
  let feedback = vector;
  for (let from = 0; from < plain.length; from += BLOCK_BYTES) {
    const stream = blocks.update(feedback);
    const to = Math.min(from + BLOCK_BYTES, plain.length);
    for (let i = from; i < to; i++) secret[i] = (plain[i] as number) ^ (stream[i - from] as number);
    feedback = secret.subarray(from, to);
  }
  return secret;
}

/** Decrypting knows every feedback block beforehand: one call makes the whole key stream. */
function decryptCfb192(key: Buffer, vector: Buffer, secret: Uint8Array): Buffer {
  const feedback = Buffer.alloc(Math.ceil(secret.length / BLOCK_BYTES) * BLOCK_BYTES + BLOCK_BYTES);
  vector.copy(feedback);
  feedback.set(secret, BLOCK_BYTES);
  const stream = createCipheriv("aes-192-ecb", key, null).setAutoPadding(false).update(feedback);
  const plain = Buffer.alloc(secret.length);
  for (let i = 0; i < secret.length; i++) plain[i] = (secret[i] as number) ^ (stream[i] as number);
  return plain;
}
