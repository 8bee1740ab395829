import { expect, test } from "bun:test";
import { createDecipheriv, randomBytes } from "node:crypto";
import type { PrivProtocol } from "../credential.ts";
import { decrypt, encrypt } from "./cipher.ts";
import { expandPassword, KeyRing, localize } from "./key-ring.ts";
import { PRIV } from "./protocol.ts";

/** RFC 3414, A.3. */
const ENGINE = Buffer.from("000000000000000000000002", "hex");

test("keys equal those that RFC 3414 prints", () => {
  const keys = ["md5", "sha1"].map((hash) => {
    const ku = expandPassword(hash, Buffer.from("maplesyrup"));
    return [ku.toString("hex"), localize(hash, ku, ENGINE).toString("hex")];
  });
  expect(keys).toEqual([
    ["9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"],
    ["9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"],
  ]);
});

test("a password is expanded once, and two engines get keys of their own", () => {
  const ring = new KeyRing();
  const credential = {
    name: "ops",
    version: "v3",
    user: "ops",
    authProtocol: "sha256",
    authPassword: "maplesyrup",
    privProtocol: "aes128",
    privPassword: "maplesyrup",
    contextName: "",
  } as const;
  const first = ring.keysFor(credential, ENGINE);
  expect(ring.keysFor({ ...credential }, Buffer.from(ENGINE))).toBe(first);
  expect(ring.keysFor(credential, Buffer.from("0102", "hex")).auth?.key).not.toEqual(first.auth?.key);
});

test("what is encrypted decrypts, at every length, with every cipher", () => {
  for (const [protocol, { keyBytes }] of Object.entries(PRIV) as [PrivProtocol, { keyBytes: number }][])
    for (const length of [1, 15, 16, 17, 64, 1_399]) {
      const sealing = { protocol, key: randomBytes(keyBytes), engineBoots: 7, engineTime: 2_000_000_000 };
      const salt = randomBytes(8);
      const plain = randomBytes(length);
      const secret = encrypt(sealing, salt, plain);
      expect(decrypt(sealing, salt, secret)?.subarray(0, length)).toEqual(plain);
    }
});

test("a ciphertext that cannot be one is refused, not thrown over", () => {
  const sealing = { protocol: "des" as const, key: randomBytes(16), engineBoots: 1, engineTime: 1 };
  expect(decrypt(sealing, randomBytes(8), randomBytes(13))).toBeUndefined();
  expect(decrypt(sealing, randomBytes(5), randomBytes(16))).toBeUndefined();
});

test("the kept block cipher decrypts as one made for each message does, again and again", () => {
  for (const keyBytes of [16, 32]) {
    const key = randomBytes(keyBytes);
    for (const length of [1, 16, 31, 1_460, 65_507]) {
      const [salt, secret] = [randomBytes(8), randomBytes(length)];
      const vector = Buffer.concat([Buffer.from("0000000700000009", "hex"), salt]);
      const twin = createDecipheriv(keyBytes === 16 ? "aes-128-cfb" : "aes-256-cfb", key, vector).update(secret);
      const protocol = keyBytes === 16 ? "aes128" : "aes256";
      expect(decrypt({ protocol, key, engineBoots: 7, engineTime: 9 }, salt, secret)).toEqual(twin);
    }
  }
});
