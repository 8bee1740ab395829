import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { startVmagent } from "../../packaging/parts/index.ts";
import { directTarget } from "./index.ts";
import { append, cleanup, ship, site, stopAll, stored } from "./site.fixture.ts";

setDefaultTimeout(30_000);
afterEach(stopAll);

test("a vmagent between collector and store passes on every sample at its own time", async () => {
  const s = await site();
  const agent = await startVmagent(s.storeUrl);
  cleanup.push(() => agent.stop());
  ship(s.spool, directTarget({ url: agent.url, site: s.name, collectorId: "c1", timeoutMs: 2_000 }));
  await append(s, 0, 20);
  let found = await stored(s);
  for (let tries = 0; tries < 200 && found.size < s.appended.size; tries += 1) {
    await Bun.sleep(100);
    found = await stored(s);
  }
  expect(s.spool.pending().blocks).toBe(0);
  expect([...found].toSorted()).toEqual([...s.appended].toSorted());
});
