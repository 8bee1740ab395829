import { afterAll, beforeAll, expect, test } from "bun:test";
import { collectors } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { listIncidents, resolveIncident } from "../incident/index.ts";
import { makeScene, type Scene } from "../incident/scene.fixture.ts";
import { sweepPresence } from "./sweep.ts";
import { unheardCollectors } from "./index.ts";
import { watchOf } from "./watch.ts";

const SILENT_AFTER_MS = 60_000;

let database: TestDatabase;
let scenes = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function scene() {
  scenes += 1;
  const site = `presence-${scenes}`;
  const made = await makeScene(database.db, site);
  const { collectorId } = made.source;
  const set = (status: string, lastSeenMs: number) =>
    database.db
      .update(collectors)
      .set({ status, lastSeenAt: new Date(lastSeenMs) })
      .where(eq(collectors.id, collectorId));
  const watchingSinceMs = made.clock.ms;
  return {
    ...made,
    site,
    set,
    sweep: (sinceMs = watchingSinceMs) =>
      sweepPresence(made.system, { silentAfterMs: SILENT_AFTER_MS, watchingSinceMs: sinceMs }),
    open: () => openIncidents(made, site),
  };
}

async function openIncidents({ system }: Scene, site: string) {
  return (await listIncidents(system, { site, status: "open" })).incidents;
}

test("a collector not heard for a minute opens one incident, which ends when it streams again", async () => {
  const { clock, set, sweep, open, source, site, system } = await scene();
  await set("streaming", clock.ms);
  expect(await sweep()).toEqual({ lost: 0, back: 0 });
  await set("disconnected", clock.ms);
  clock.ms += SILENT_AFTER_MS;
  expect(await sweep()).toEqual({ lost: 0, back: 0 });
  clock.ms += 1;
  expect(await Promise.all([sweep(), sweep()])).toContainEqual({ lost: 1, back: 0 });
  expect(await open()).toMatchObject([
    {
      title: `c1 at ${site} has lost the hub`,
      severity: "critical",
      fingerprint: `collector-silent/${source.collectorId}`,
      eventCount: 1,
    },
  ]);
  expect(await unheardCollectors(database.db, source.siteId)).toHaveLength(1);
  expect(await sweep()).toEqual({ lost: 0, back: 0 });
  clock.ms += 5_000;
  await set("streaming", clock.ms);
  expect(await sweep()).toEqual({ lost: 0, back: 1 });
  expect(await open()).toEqual([]);
  expect(await unheardCollectors(database.db, source.siteId)).toEqual([]);
  const [first] = (await listIncidents(system, { site })).incidents;
  clock.ms += SILENT_AFTER_MS + 1;
  await sweep();
  expect((await open()).map((incident) => incident.id)).toEqual([first!.id]);
});

test("a hub that just started, or slept, accuses nobody; a collector that never came is not missed", async () => {
  const { clock, set, sweep, open } = await scene();
  clock.ms += 600_000;
  expect(await sweep()).toEqual({ lost: 0, back: 0 });
  await set("streaming", clock.ms - 300_000);
  expect(await sweep(clock.ms - 1_000)).toEqual({ lost: 0, back: 0 });
  expect(await open()).toEqual([]);
  expect(await sweep()).toEqual({ lost: 1, back: 0 });

  const watch = watchOf(clock);
  clock.ms += 10_000;
  watch.looked();
  expect(clock.ms - watch.sinceMs()).toBe(10_000);
  clock.ms += 40_000;
  watch.looked();
  expect(clock.ms - watch.sinceMs()).toBe(0);
});

test("what a person resolved stays so for this silence; a revoked collector is missed no more", async () => {
  const { clock, set, sweep, open, person } = await scene();
  await set("disconnected", clock.ms);
  clock.ms += SILENT_AFTER_MS + 1;
  await sweep();
  const [incident] = await open();
  await resolveIncident(await person("Ana"), { incidentId: incident!.id, reason: "the site moves" });
  expect(await sweep()).toEqual({ lost: 0, back: 0 });
  await set("disconnected", clock.ms);
  clock.ms += SILENT_AFTER_MS + 1;
  expect(await sweep()).toEqual({ lost: 1, back: 0 });
  await set("revoked", clock.ms);
  expect(await sweep()).toEqual({ lost: 0, back: 1 });
  expect(await open()).toEqual([]);
});
