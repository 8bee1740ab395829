import type { Database } from "@watchpost/db";
import { collectors, sites } from "@watchpost/db/schema";
import { eq, inArray } from "drizzle-orm";
import type { Actor } from "../../context.ts";
import { HubError } from "../../error.ts";
import { type PeerName, peerNameOf } from "../authority/index.ts";

export type CollectorActor = Extract<Actor, { kind: "collector" }>;

export interface AuthenticatedCollector {
  actor: CollectorActor;
  peer: PeerName;
  name: string;
}

export interface FoundCollector {
  collector: typeof collectors.$inferSelect;
  site: string;
}

/** How a collector is looked up: by itself, or together with others that come in the same moment. */
export type FindCollector = (id: string) => Promise<FoundCollector | undefined>;

export async function findCollectors(db: Database, ids: readonly string[]): Promise<Map<string, FoundCollector>> {
  const rows = await db
    .select({ collector: collectors, site: sites.name })
    .from(collectors)
    .innerJoin(sites, eq(sites.id, collectors.siteId))
    .where(inArray(collectors.id, [...ids]));
  return new Map(rows.map((row) => [row.collector.id, row]));
}

/** Who is behind a certificate that TLS has verified: a collector that exists, is not revoked, and uses its own serial. */
export async function authenticateCollector(
  db: Database,
  der: Uint8Array | undefined,
  find: FindCollector = async (id) => (await findCollectors(db, [id])).get(id),
): Promise<AuthenticatedCollector> {
  const peer = der && peerNameOf(der);
  if (!peer) {
    throw new HubError("unauthenticated", "the client certificate does not name a collector of this hub. Enrol again.");
  }
  const row = await find(peer.collectorId);
  if (!row || row.site !== peer.site) {
    throw new HubError(
      "unauthenticated",
      `the hub has no collector ${peer.collectorId} at site ${peer.site}; its database may be a newer one. Enrol again.`,
    );
  }
  const { collector, site } = row;
  if (collector.status === "revoked") {
    throw new HubError(
      "forbidden",
      `the collector ${collector.name} of site ${site} was revoked. Enrol it under a new name.`,
    );
  }
  if (peer.serial !== collector.certificateSerial && peer.serial !== collector.previousCertificateSerial) {
    throw new HubError(
      "forbidden",
      `the certificate ${peer.serial} of the collector ${collector.name} was replaced by ${collector.certificateSerial}. Enrol again.`,
    );
  }
  if (peer.serial === collector.certificateSerial && collector.previousCertificateSerial !== null) {
    await db.update(collectors).set({ previousCertificateSerial: null }).where(eq(collectors.id, collector.id));
  }
  return {
    peer,
    name: collector.name,
    actor: { kind: "collector", collectorId: collector.id, siteId: collector.siteId, site },
  };
}
