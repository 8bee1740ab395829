import { createHash } from "node:crypto";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type SignedOrder, SignedOrderSchema } from "@watchpost/proto";
import { orderSigningInput } from "@watchpost/proto/script";
import { readOrCreate } from "./key-file.ts";

export interface SigningKey {
  /** First 16 hex digits of SHA-256 over the raw public key. */
  readonly keyId: string;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Signs a serialized ScriptOrder. */
  signOrder(order: Uint8Array): Promise<SignedOrder>;
}

/** Opens the key that signs script orders, kept in `dir`, making it on the first start. */
export async function openSigningKey(dir: string): Promise<SigningKey> {
  const path = join(dir, "script-signing.json");
  const text = await readOrCreate(path, createKey);
  const { pkcs8, raw } = parseKey(text, path);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  const keyId = createHash("sha256").update(raw).digest("hex").slice(0, 16);
  return {
    keyId,
    publicKey: raw,
    async signOrder(order) {
      const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, orderSigningInput(order)));
      return create(SignedOrderSchema, { order, signature, keyId });
    },
  };
}

async function createKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("Ed25519 gave one key where a pair is due");
  const [pkcs8, raw] = await Promise.all([
    crypto.subtle.exportKey("pkcs8", pair.privateKey),
    crypto.subtle.exportKey("raw", pair.publicKey),
  ]);
  return `${JSON.stringify({ pkcs8: Buffer.from(pkcs8).toString("base64"), raw: Buffer.from(raw).toString("base64") })}\n`;
}

function parseKey(text: string, path: string): { pkcs8: Uint8Array<ArrayBuffer>; raw: Uint8Array<ArrayBuffer> } {
  const parsed: unknown = JSON.parse(text);
  if (
    typeof parsed === "object" &&
    parsed !== null &&
    "pkcs8" in parsed &&
    "raw" in parsed &&
    typeof parsed.pkcs8 === "string" &&
    typeof parsed.raw === "string"
  ) {
    return {
      pkcs8: Uint8Array.from(Buffer.from(parsed.pkcs8, "base64")),
      raw: Uint8Array.from(Buffer.from(parsed.raw, "base64")),
    };
  }
  throw new Error(`${path} is not the signing key this hub wrote. Restore it from a backup.`);
}
