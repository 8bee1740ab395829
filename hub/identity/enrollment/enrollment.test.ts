import { afterAll, beforeAll, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import * as x509 from "../authority/x509.ts";
import { collectors } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { scratchDir, type TestDatabase, testDatabase } from "../../../packaging/parts/index.ts";
import type { Context } from "../../context.ts";
import {
  type Authority,
  authenticateCollector,
  createEnrollmentToken,
  enrollCollector,
  openKeys,
  renewCertificate,
  revokeCollector,
} from "../index.ts";

let nowMs = Date.UTC(2026, 0, 15, 12);
const clock = { nowMs: () => nowMs };
const dir = scratchDir("identity");
let database: TestDatabase;
let ctx: Context;
let keys: Authority;
beforeAll(async () => {
  database = await testDatabase();
  ctx = { db: database.db, clock, actor: { kind: "system" } };
  keys = await openKeys(dir, clock);
}, 60_000);
afterAll(() => database.close());

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

async function newRequest(): Promise<Uint8Array> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=someone else",
    keys: pair,
    signingAlgorithm: ALGORITHM,
  });
  return new Uint8Array(request.rawData);
}

async function newToken(site: string, expiresInMs?: number): Promise<string> {
  const caFingerprint = keys.certificates.fingerprint;
  const made = await createEnrollmentToken(ctx, {
    site,
    address: "127.0.0.1:1",
    caFingerprint,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  });
  return made.token;
}

async function enroll(token: string, collectorName: string, certificateRequest?: Uint8Array) {
  return enrollCollector(ctx, keys.certificates, {
    token,
    collectorName,
    collectorVersion: "1.0.0",
    certificateRequest: certificateRequest ?? (await newRequest()),
  });
}

test("a token names its site in the certificate, whatever the request claims", async () => {
  const enrolled = await enroll(await newToken("harbor"), "edge-1");
  const certificate = new X509Certificate(enrolled.certificate);
  expect(certificate.subjectAltName).toBe(`URI:spiffe://watchpost/site/harbor/collector/${enrolled.collectorId}`);
  expect(certificate.verify(new X509Certificate(keys.certificates.pem).publicKey)).toBe(true);
  const known = await authenticateCollector(database.db, enrolled.certificate);
  expect(known.actor).toMatchObject({ kind: "collector", site: "harbor", collectorId: enrolled.collectorId });
});

test("a token is spent once, and by one of two that come together", async () => {
  const token = await newToken("harbor");
  const results = await Promise.allSettled([enroll(token, "twin-1"), enroll(token, "twin-2")]);
  expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(1);
  expect(enroll(token, "twin-3")).rejects.toThrow(/was used at .*hub token create/);
});

test("an expired token, a strange one and a mangled one are each refused by name", async () => {
  const expired = await newToken("harbor", 60_000);
  nowMs += 60_001;
  expect(enroll(expired, "late")).rejects.toThrow(/expired at 2026-01-15T12:01:00.000Z/);
  const forged = JSON.stringify({ a: "h:1", f: "0".repeat(64), i: Bun.randomUUIDv7(), s: "x".repeat(43) });
  expect(enroll(`wp1.${Buffer.from(forged).toString("base64url")}`, "forged")).rejects.toThrow("did not make");
  expect(enroll("wp1.oops", "mangled")).rejects.toThrow("Copy it again");
});

test("a request that is refused does not cost the token", async () => {
  const token = await newToken("harbor");
  expect(enroll(token, "bad", new Uint8Array([1, 2, 3]))).rejects.toThrow("no PKCS#10");
  const request = await newRequest();
  request[request.length - 1] = (request.at(-1) ?? 0) ^ 1;
  expect(enroll(token, "bad", request)).rejects.toThrow("certificate request");
  expect(enroll(token, "bad name!")).rejects.toThrow("cannot name a collector");
  expect((await enroll(token, "good")).site).toBe("harbor");
});

test("a name in use is refused while it streams, and given a new certificate when it does not", async () => {
  const first = await enroll(await newToken("harbor"), "again");
  await database.db.update(collectors).set({ status: "streaming" }).where(eq(collectors.id, first.collectorId));
  const token = await newToken("harbor");
  expect(enroll(token, "again")).rejects.toThrow("is streaming");
  await database.db.update(collectors).set({ status: "disconnected" }).where(eq(collectors.id, first.collectorId));
  const second = await enroll(token, "again");
  expect(second.collectorId).toBe(first.collectorId);
  expect(authenticateCollector(database.db, first.certificate)).rejects.toThrow("was replaced");
});

test("after a renewal both certificates work until the new one is seen", async () => {
  const { certificate: old } = await enroll(await newToken("harbor"), "renewing");
  const { peer } = await authenticateCollector(database.db, old);
  const renewed = await renewCertificate(ctx, keys.certificates, { peer, certificateRequest: await newRequest() });
  await authenticateCollector(database.db, old);
  await authenticateCollector(database.db, renewed);
  expect(authenticateCollector(database.db, old)).rejects.toThrow("was replaced");
});

test("a revoked collector is refused", async () => {
  const { certificate, collectorId } = await enroll(await newToken("harbor"), "revoked");
  await revokeCollector(ctx, collectorId);
  expect(authenticateCollector(database.db, certificate)).rejects.toThrow("was revoked");
});

test("site names that would not survive a certificate or a label are refused", async () => {
  for (const site of ["", "-a", "A", "a_b", "a/b", "a".repeat(64)]) {
    expect(newToken(site)).rejects.toThrow("cannot name a site");
  }
});

test("only an admin makes tokens", async () => {
  const operator: Context = {
    ...ctx,
    actor: { kind: "person", userId: Bun.randomUUIDv7(), name: "o", email: "o@x", role: "operator" },
  };
  const input = { site: "harbor", address: "h:1", caFingerprint: keys.certificates.fingerprint };
  expect(createEnrollmentToken(operator, input)).rejects.toThrow("needs the role admin");
});

test("keys are owner-only, survive a restart, and sign orders under their own prefix", async () => {
  const again = await openKeys(dir, clock);
  expect(again.certificates.fingerprint).toBe(keys.certificates.fingerprint);
  for (const file of ["ca/authority.pem", "signing/script-signing.json"]) {
    expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  }
  const order = new TextEncoder().encode("order");
  const signed = await again.signing.signOrder(order);
  const [trusted] = keys.trustBundle().signingKeys;
  expect(trusted?.keyId).toBe(signed.keyId);
  const key = await crypto.subtle.importKey("raw", Uint8Array.from(trusted!.publicKey), "Ed25519", false, ["verify"]);
  const signature = Uint8Array.from(signed.signature);
  const prefixed = new TextEncoder().encode("watchpost-script-order-v1\0order");
  expect(await crypto.subtle.verify("Ed25519", key, signature, prefixed)).toBe(true);
  expect(await crypto.subtle.verify("Ed25519", key, signature, order)).toBe(false);
});
