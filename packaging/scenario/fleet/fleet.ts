import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Event, EventKind, EventSchema, EventState, Severity, TrustBundleSchema } from "@watchpost/proto";
import { enrollClient } from "../../../hub/link/test-collector.ts";
import type { ScenarioSite } from "../site/site.ts";
import { FleetClient } from "./client.ts";

const AT_ONCE = 8;

/** Collectors in this process, enrolled at the real hub, each with an identity of its own. */
export async function enrolFleet(site: ScenarioSite, size: number): Promise<FleetClient[]> {
  const authorityPem = readFileSync(join(site.dir, "hub", "hub", "ca", "certificate.pem"), "utf8");
  const { grpc } = site.addresses;
  const clients: FleetClient[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < size) {
      const number = next++;
      const token = await site.token(`site-${number % 50}`);
      const { response, identity } = await enrollClient(grpc, authorityPem, token, `c${number}`);
      clients.push(
        new FleetClient({
          collectorId: response.collectorId,
          site: response.site,
          certificatePem: identity.certificatePem,
          privateKeyPem: identity.keyPem,
          trust: response.trust ?? create(TrustBundleSchema, {}),
          linkAddress: response.linkAddress,
          remoteWriteUrl: response.remoteWriteUrl,
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return clients;
}

/** Moments of no weight, as most of what a site tells. */
export function moments(count: number, device: string): Event[] {
  return Array.from({ length: count }, (_, i) =>
    create(EventSchema, {
      kind: EventKind.CONFIG_CHANGE,
      state: EventState.MOMENT,
      severity: Severity.INFO,
      device,
      object: `Te1/${i % 48}`,
      fingerprint: `config-change/${device}/Te1/${i % 48}`,
      observedAtMs: BigInt(Date.now() - (count - i)),
      summary: `configuration of ${device} changed for the ${i}th time`,
      attributes: { user: "ops", line: String(i) },
    }),
  );
}

/** What opens an incident. */
export function deviceDown(device: string): Event {
  return create(EventSchema, {
    kind: EventKind.DEVICE_DOWN,
    state: EventState.FIRING,
    severity: Severity.CRITICAL,
    device,
    fingerprint: `device-down/${device}`,
    observedAtMs: BigInt(Date.now()),
    summary: `${device} does not answer`,
  });
}
