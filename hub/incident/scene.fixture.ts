/** A small site for tests: rtr1 - fw1 - core-sw1 - dist-sw1/2 - acc-sw1..4 - ap1, and events as its collector sends them. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Database } from "@watchpost/db";
import { collectors, devices, links, sites, users } from "@watchpost/db/schema";
import { type Event, EventKind, EventSchema, EventState, Severity } from "@watchpost/proto";
import type { Actor, Clock, Context, Role } from "../context.ts";
import { kindName } from "./event-row.ts";
import { ingestEvents } from "./ingest.ts";
import type { EventSource, IngestResult } from "./source.ts";

const ROLES: Record<string, string> = {
  rtr1: "router",
  fw1: "firewall",
  "core-sw1": "core",
  "dist-sw1": "distribution",
  "dist-sw2": "distribution",
  "acc-sw1": "access",
  "acc-sw2": "access",
  "acc-sw3": "access",
  "acc-sw4": "access",
  ap1: "access-point",
};

const CABLES: [string, string, string, string][] = [
  ["fw1", "wan", "rtr1", "Gi0/0"],
  ["core-sw1", "Te1/1", "fw1", "lan"],
  ["core-sw1", "Te1/2", "dist-sw1", "Te1/49"],
  ["core-sw1", "Te1/3", "dist-sw2", "Te1/49"],
  ["dist-sw1", "Gi1/1", "acc-sw1", "Gi1/49"],
  ["dist-sw1", "Gi1/2", "acc-sw2", "Gi1/49"],
  ["dist-sw2", "Gi1/1", "acc-sw3", "Gi1/49"],
  ["dist-sw2", "Gi1/2", "acc-sw4", "Gi1/49"],
  ["acc-sw1", "Gi1/10", "ap1", "eth0"],
];

export interface Scene {
  source: EventSource & { siteId: string; collectorId: string };
  /** Ids by device name. */
  deviceIds: Map<string, string>;
  clock: { ms: number } & Clock;
  system: Context;
  /** A new person of this role, ready to ask. */
  person: (name: string, role?: Role) => Promise<Context & { actor: Extract<Actor, { kind: "person" }> }>;
  event: (kind: EventKind, place: string, init?: MessageInitShape<typeof EventSchema>) => Event;
  /** One batch, one transaction. */
  send: (...events: Event[]) => Promise<IngestResult>;
}

export async function makeScene(db: Database, siteName: string): Promise<Scene> {
  const clock = { ms: Date.now(), nowMs: () => clock.ms };
  const { siteId, collectorId, deviceIds } = await makeRows(db, siteName);
  const source = { siteId, site: siteName, collectorId, outboxEpoch: "epoch-1" };
  const system: Context = { db, clock, actor: { kind: "system" } };
  let seq = 0n;
  return {
    source,
    deviceIds,
    clock,
    system,
    async person(name, role = "operator") {
      const email = `${name}-${Bun.randomUUIDv7()}@example.test`;
      const user = only(await db.insert(users).values({ email, name, role }).returning());
      return { db, clock, actor: { kind: "person", userId: user.id, name, email, role } };
    },
    event(kind, place, init = {}) {
      const [device = "", ...rest] = place.split(" ");
      const object = rest.join(" ");
      seq += 1n;
      return create(EventSchema, {
        seq,
        kind,
        state: EventState.FIRING,
        severity: kind === EventKind.DEVICE_DOWN ? Severity.CRITICAL : Severity.ERROR,
        device,
        object,
        fingerprint: [kindName(kind), device, ...(object === "" ? [] : [object])].join("/"),
        observedAtMs: BigInt(clock.ms),
        summary: `${place}: ${kindName(kind)}`,
        ...init,
      });
    },
    send: (...events) => db.transaction((tx) => ingestEvents(tx, system, source, events)),
  };
}

async function makeRows(db: Database, siteName: string) {
  const { id: siteId } = only(await db.insert(sites).values({ name: siteName, title: siteName }).returning());
  const certificateNotAfter = new Date(Date.now() + 86_400_000);
  const collector = only(
    await db
      .insert(collectors)
      .values({ siteId, name: "c1", certificateSerial: "01", certificateNotAfter })
      .returning(),
  );
  const rows = await db
    .insert(devices)
    .values(
      Object.entries(ROLES).map(([name, role], i) => ({
        siteId,
        name,
        role,
        ipAddress: `127.1.0.${i + 1}`,
        state: "up",
      })),
    )
    .returning();
  const deviceIds = new Map(rows.map((row) => [row.name, row.id]));
  const idOf = (name: string) => only([...deviceIds].filter(([known]) => known === name))[1];
  const reports = CABLES.flatMap(([a, aPort, b, bPort]) => [
    { a, aPort, b, bPort },
    { a: b, aPort: bPort, b: a, bPort: aPort },
  ]);
  await db.insert(links).values(
    reports.map(({ a, aPort, b, bPort }) => ({
      siteId,
      deviceId: idOf(a),
      localPort: aPort,
      remoteDeviceId: idOf(b),
      remoteSystem: b,
      remotePort: bPort,
      protocol: "lldp",
    })),
  );
  return { siteId, collectorId: collector.id, deviceIds };
}

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`);
  return row;
}
