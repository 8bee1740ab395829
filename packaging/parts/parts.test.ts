import { expect, test } from "bun:test";
import { testDatabase, testVictoriaMetrics } from "./index.ts";

test("each test has a database of its own, migrated and empty", async () => {
  const [one, other] = [await testDatabase(), await testDatabase()];
  await one.sql`insert into control_plane.sites (id, name, title) values (${Bun.randomUUIDv7()}, 'harbor', 'Harbor')`;
  expect(await one.sql`select name from control_plane.sites`).toEqual([{ name: "harbor" }] as never);
  expect(await other.sql`select name from control_plane.sites`).toHaveLength(0);
  const [server] = await one.sql<
    { major: number }[]
  >`select current_setting('server_version_num')::int / 10000 as major`;
  expect(server?.major).toBe(18);
  await one.close();
  await other.close();
}, 120_000);

test("VictoriaMetrics shows what was written to it", async () => {
  const url = await testVictoriaMetrics();
  const site = `parts-${Bun.randomUUIDv7()}`;
  const atMs = Date.now() - 5_000;
  await fetch(`${url}/api/v1/import/prometheus`, {
    method: "POST",
    body: `cpu_usage_ratio{site="${site}"} 0.25 ${atMs}`,
  });
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ "match[]": `{site="${site}"}` });
  const shown = await (await fetch(`${url}/api/v1/export?${query}`)).json();
  expect(shown).toMatchObject({ metric: { __name__: "cpu_usage_ratio", site }, values: [0.25] });
}, 120_000);
