import { afterAll, beforeAll, expect, test } from "bun:test";
import * as seed from "../../../packaging/browser/seed.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { RENDER_EVERY_MS } from "./channel.ts";

let hub: TestHub;
let site: seed.SeededSite;

beforeAll(async () => {
  hub = await startTestHub();
  site = await seed.seedSite(hub.hub, "harbor");
}, 60_000);

afterAll(() => hub.close());

interface Listener {
  messages: { id: number; data: string }[];
  /** Waits until a message holds the text. */
  heard(text: string): Promise<{ id: number; data: string }>;
  leave(): void;
}

async function listen(path: string, headers: Record<string, string>): Promise<Listener> {
  const abort = new AbortController();
  const response = await fetch(`${hub.url}${path}`, { headers, signal: abort.signal });
  expect(response.headers.get("content-type")).toStartWith("text/event-stream");
  const messages: Listener["messages"] = [];
  const read = async () => {
    let rest = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const lines = block.split("\n");
        const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        const id = Number(lines.find((line) => line.startsWith("id: "))?.slice(4));
        if (data.length > 0) messages.push({ id, data: data.join("\n") });
      }
    }
  };
  const reading = read().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    messages,
    async heard(text) {
      for (let tries = 0; tries < 250; tries += 1) {
        const found = messages.find(({ data }) => data.includes(text));
        if (found) return found;
        await Bun.sleep(20);
      }
      throw new Error(`nothing with "${text}" in ${messages.length} messages`);
    },
    leave() {
      abort.abort();
      void reading;
    },
  };
}

test("a new incident comes as a partial for the list and the count in the sidebar, true for a bus id", async () => {
  const listener = await listen("/live/incidents", hub.bearer.operator);
  await seed.report(hub.hub, site, seed.UPLINK_DOWN);
  const row = await listener.heard("core-sw1 uplink Te1/1 down");
  expect(row.data).toContain('<hx-partial hx-target="#incident-list" hx-swap="outerMorph">');
  expect(row.id).toBeGreaterThan(0);
  await listener.heard('id="count-incidents">1<');
  listener.leave();
});

test("roles do not share HTML: a viewer's stream holds no button", async () => {
  const operator = await listen("/live/incidents", hub.bearer.operator);
  const viewer = await listen("/live/incidents", hub.bearer.viewer);
  expect((await operator.heard("core-sw1 uplink")).data).toContain("<button");
  expect((await viewer.heard("core-sw1 uplink")).data).not.toMatch(/<button|<input/);
  operator.leave();
  viewer.leave();
});

test("whoever comes back with the id of what is shown gets nothing twice", async () => {
  const first = await listen("/live/sites", hub.bearer.viewer);
  const { id } = await first.heard("site-table");
  const again = await listen("/live/sites", { ...hub.bearer.viewer, "last-event-id": String(id) });
  await Bun.sleep(2 * RENDER_EVERY_MS);
  expect(again.messages.filter(({ data }) => data.includes("site-table"))).toEqual([]);
  first.leave();
  again.leave();
});

test("a burst of changes is rendered four times a second at most, and its end is shown", async () => {
  const listener = await listen("/live/incidents?status=new", hub.bearer.operator);
  await listener.heard("incident-list");
  const startedMs = Date.now();
  for (let index = 0; index < 30; index += 1) {
    const device = `burst-${index}`;
    await seed.report(hub.hub, site, {
      ...seed.HOSTILE_DOWN,
      device,
      fingerprint: `device-down/${device}`,
      summary: device,
    });
  }
  await listener.heard("burst-29");
  const slots = Math.ceil((Date.now() - startedMs) / RENDER_EVERY_MS) + 2;
  const rendered = listener.messages.filter(({ data }) => data.includes("incident-list")).length;
  expect(rendered).toBeLessThanOrEqual(slots);
  listener.leave();
}, 60_000);

test("a view that is not there, an entity that is not there and a caller without a name are refused", async () => {
  const status = async (path: string, headers: Record<string, string>) =>
    (await fetch(hub.url + path, { headers })).status;
  const nobody = Bun.randomUUIDv7();
  expect(await status("/live/secrets", hub.bearer.admin)).toBe(404);
  expect(await status(`/live/incident/${nobody}`, hub.bearer.admin)).toBe(404);
  expect(await status("/live/incident/1;drop", hub.bearer.admin)).toBe(404);
  expect(await status("/live/incidents", {})).toBe(401);
});
