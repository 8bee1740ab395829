import type { IncomingMessage } from "node:http";
import { type PeerCertificate, TLSSocket } from "node:tls";
import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { authenticateCollector, type CollectorActor } from "../identity/index.ts";

/** A revocation takes effect here within this time. */
const REMEMBERED_MS = 15_000;
const REMEMBERED_MAX = 10_000;

export type Caller = { kind: "known"; actor: CollectorActor } | { kind: "refused"; reason: string };

/** Finds who is behind a request's certificate; an answer is remembered for 15 s, so that a write costs no query. */
export function callerFinder(hub: Hub): (request: IncomingMessage) => Promise<Caller> {
  const remembered = new Map<string, { actor: CollectorActor; atMs: number }>();
  return async (request) => {
    const certificate = certificateOf(request);
    const nowMs = hub.clock.nowMs();
    const known = certificate && remembered.get(certificate.fingerprint256);
    if (known && Math.abs(nowMs - known.atMs) < REMEMBERED_MS) return { kind: "known", actor: known.actor };
    try {
      const { actor } = await authenticateCollector(hub.db, certificate?.raw);
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      if (certificate) remembered.set(certificate.fingerprint256, { actor, atMs: nowMs });
      return { kind: "known", actor };
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return { kind: "refused", reason: error.message };
    }
  };
}

function certificateOf(request: IncomingMessage): PeerCertificate | undefined {
  return request.socket instanceof TLSSocket ? request.socket.getPeerCertificate() : undefined;
}
