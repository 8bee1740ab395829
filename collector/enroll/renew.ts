import { X509Certificate } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { Enrollment, grpcService, RenewRequestSchema } from "@watchpost/proto";
import { callOnce } from "./call.ts";
import { hubCredentials } from "./channel.ts";
import type { Identity, IdentityStore } from "./identity.ts";
import { certificatePem, createKeyPair } from "./key-pair.ts";

const DUE_SHARE = 2 / 3;

export type Renewal =
  | { kind: "not-due"; dueAtMs: number }
  | { kind: "renewed"; notAfterMs: number }
  /** The old certificate stays in force; try again at the next round. */
  | { kind: "failed"; reason: string; notAfterMs: number };

/** Gets a fresh key and certificate once two thirds of the old one's life are over. Call it every hour or so. */
export async function renewIfDue(
  store: IdentityStore,
  options: { nowMs: number; dialAddress?: string },
): Promise<Renewal> {
  const identity = store.current();
  const { dueAtMs, notAfterMs } = lifeOf(identity);
  if (options.nowMs < dueAtMs) return { kind: "not-due", dueAtMs };
  const keys = await createKeyPair();
  const address = options.dialAddress ?? identity.linkAddress;
  const called = await callOnce(
    { address, credentials: hubCredentials(identity) },
    grpcService(Enrollment).renew,
    create(RenewRequestSchema, { certificateRequest: keys.certificateRequest }),
  );
  if (called.kind === "failed") {
    const end = new Date(notAfterMs).toISOString();
    const reason = `the hub at ${address} did not renew the certificate, which ends ${end}: ${called.error.details}`;
    return { kind: "failed", reason, notAfterMs };
  }
  const { certificate, trust } = called.response;
  store.replace({
    certificatePem: certificatePem(certificate),
    privateKeyPem: keys.privateKeyPem,
    ...(trust ? { trust } : {}),
  });
  return { kind: "renewed", notAfterMs: lifeOf(store.current()).notAfterMs };
}

function lifeOf(identity: Identity): { dueAtMs: number; notAfterMs: number } {
  const { validFromDate, validToDate } = new X509Certificate(identity.certificatePem);
  const fromMs = validFromDate.getTime();
  const notAfterMs = validToDate.getTime();
  return { dueAtMs: fromMs + (notAfterMs - fromMs) * DUE_SHARE, notAfterMs };
}
