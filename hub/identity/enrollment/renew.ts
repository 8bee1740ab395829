import { collectors } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../../audit/index.ts";
import type { Context } from "../../context.ts";
import type { CertificateAuthority, PeerName } from "../authority/index.ts";

/** A fresh certificate for the same name. The one it was asked with stays good until the new one is seen in use. */
export async function renewCertificate(
  ctx: Context,
  authority: CertificateAuthority,
  input: { peer: PeerName; certificateRequest: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const { peer } = input;
  const issued = await authority.issueCollector(input.certificateRequest, peer);
  await ctx.db.transaction(async (tx) => {
    await tx
      .update(collectors)
      .set({
        certificateSerial: issued.serial,
        previousCertificateSerial: peer.serial,
        certificateNotAfter: issued.notAfter,
      })
      .where(eq(collectors.id, peer.collectorId));
    await recordAudit(tx, ctx, {
      action: "collector.certificate-renewed",
      entity: "collector",
      entityId: peer.collectorId,
      details: { serial: issued.serial, notAfter: issued.notAfter.toISOString() },
    });
  });
  return issued.der;
}
