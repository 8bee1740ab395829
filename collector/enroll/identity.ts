import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type TrustBundle, TrustBundleSchema } from "@watchpost/proto";
import { z } from "zod";
import { replaceFile } from "./durable-file.ts";
import { EnrollError } from "./error.ts";

const FILE = "identity.json";

/** Who this collector is, and whom it believes. */
export interface Identity {
  collectorId: string;
  site: string;
  certificatePem: string;
  privateKeyPem: string;
  trust: TrustBundle;
  /** host:port of the hub's link listener. */
  linkAddress: string;
  /** URL of the hub's remote-write gateway. */
  remoteWriteUrl: string;
}

export interface IdentityStore {
  current(): Identity;
  /** Changes the identity on disk, then here. Throws, changed nothing, when it does not hold together. */
  replace(change: Partial<Identity>): void;
}

const stored = z.object({
  collectorId: z.string().min(1),
  site: z.string().min(1),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  trust: z.custom<JsonValue>((value) => typeof value === "object" && value !== null),
  linkAddress: z.string().min(1),
  remoteWriteUrl: z.string().min(1),
});

/** The identity kept in the folder; undefined before the first enrolment. */
export function loadIdentity(dir: string): IdentityStore | undefined {
  const path = join(dir, FILE);
  if (!existsSync(path)) return undefined;
  try {
    const { trust, ...rest } = stored.parse(JSON.parse(readFileSync(path, "utf8")));
    const identity = { ...rest, trust: fromJson(TrustBundleSchema, trust) };
    check(identity);
    return storeOf(dir, identity);
  } catch (error) {
    throw new EnrollError(
      "damaged-identity",
      `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}. ` +
        "Put it back from a copy, or delete it and enrol again with a new token",
    );
  }
}

export function saveIdentity(dir: string, identity: Identity): IdentityStore {
  check(identity);
  write(dir, identity);
  return storeOf(dir, identity);
}

function storeOf(dir: string, first: Identity): IdentityStore {
  let identity = first;
  return {
    current: () => identity,
    replace(change) {
      const next = { ...identity, ...change };
      check(next);
      write(dir, next);
      identity = next;
    },
  };
}

function write(dir: string, identity: Identity): void {
  const text = JSON.stringify({ ...identity, trust: toJson(TrustBundleSchema, identity.trust) }, null, 2);
  replaceFile(join(dir, FILE), `${text}\n`);
}

/** A key without its certificate, or a hub that nobody vouches for, would lock this collector out for good. */
function check(identity: Identity): void {
  const certificate = new X509Certificate(identity.certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(identity.privateKeyPem))) {
    throw new Error(`the certificate of collector ${identity.collectorId} does not belong to its private key`);
  }
  if (identity.trust.certificateAuthorities.length === 0) throw new Error("the trust bundle names no authority");
  for (const der of identity.trust.certificateAuthorities) {
    if (!new X509Certificate(der).ca) throw new Error("the trust bundle names a certificate that is no authority");
  }
}
