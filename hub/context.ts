import type { Database } from "@watchpost/db";

/** Roles ascend: each may do what the ones before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. Never taken from a payload: from a session, a token, a certificate, or the hub itself. */
export type Actor =
  | { kind: "person"; userId: string; name: string; email: string; role: Role }
  | { kind: "token"; userId: string; name: string; role: Role }
  | { kind: "collector"; collectorId: string; siteId: string; site: string }
  | { kind: "system" };

export interface Clock {
  /** Wall clock, Unix milliseconds. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** What every domain verb gets: who asks, on which database, at what time. */
export interface Context {
  db: Database;
  clock: Clock;
  actor: Actor;
}

/** The user id to store with a change, or null when no person stands behind it. */
export function userIdOf(actor: Actor): string | null {
  return actor.kind === "person" || actor.kind === "token" ? actor.userId : null;
}

/** How the audit log and a page name an actor. */
export function nameOf(actor: Actor): string {
  switch (actor.kind) {
    case "person":
      return `person:${actor.email}`;
    case "token":
      return `token:${actor.name}`;
    case "collector":
      return `collector:${actor.collectorId}`;
    case "system":
      return "system";
  }
}
