import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { publish } from "../../bus/index.ts";
import { insightMessage } from "../../insight/index.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { createLiveStreams, sseChunk, type StreamClient } from "./index.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.close());

async function say(incidentId: string, site: string, text: string): Promise<void> {
  const message = insightMessage({ incidentId, site, severity: "error", step: "evidence", text });
  await hub.hub.db.transaction((tx) => publish(tx, message));
}

/** Reads a stream until `count` messages came; then hangs up. */
async function listen(path: string, count: number, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(hub.url + path, { headers: { ...hub.bearer.viewer, ...headers }, signal: abort.signal });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const messages = text.split("\n\n").filter((part) => part.startsWith("id: "));
      if (messages.length >= count) break;
    }
    abort.abort();
    const parts = text.split("\n\n").filter((part) => part.startsWith("id: "));
    return parts.map((part) => {
      const [id = "", data = ""] = part.split("\n");
      return { id: Number(id.slice(4)), insight: JSON.parse(data.slice(6)) };
    });
  };
  return read();
}

test("a reader gets insights as they come, with ascending ids, and only those it asked for", async () => {
  const [one, two] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  const all = listen("/ai-stream", 3);
  const ofSite = listen("/ai-stream?site=harbor", 2);
  const ofIncident = listen(`/ai-stream?incident=${two}`, 1);
  await Bun.sleep(100);
  await say(one, "harbor", "a");
  await say(two, "airport", "b");
  await say(one, "harbor", "c\nid: 999");
  expect((await all).map((message) => message.insight.text)).toEqual(["a", "b", "c\nid: 999"]);
  expect((await ofSite).map((message) => message.insight.text)).toEqual(["a", "c\nid: 999"]);
  const [only] = await ofIncident;
  expect(only).toMatchObject({ insight: { text: "b", incidentId: two, id: String(only?.id) } });
});

test("a reader that comes back gets what it missed, once, then the live ones", async () => {
  const incident = Bun.randomUUIDv7();
  for (const text of ["1", "2", "3"]) await say(incident, "harbor", text);
  const [first] = await listen(`/ai-stream?incident=${incident}&after=0`, 3);
  const resumed = listen(`/ai-stream?incident=${incident}`, 3, { "last-event-id": String(first?.id) });
  await Bun.sleep(100);
  await say(incident, "harbor", "4");
  expect((await resumed).map((message) => message.insight.text)).toEqual(["2", "3", "4"]);
});

test("a Last-Event-ID that is none is refused by name", async () => {
  const response = await fetch(`${hub.url}/ai-stream`, { headers: { ...hub.bearer.viewer, "last-event-id": "x" } });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ in: "header", field: "last-event-id" }] });
});

test("an idle stream shows signs of life, and ends soon after its session", async () => {
  const cookie = await hub.signIn();
  const response = await fetch(`${hub.url}/ai-stream`, { headers: { cookie } });
  const reading = response.text();
  await Bun.sleep(500);
  await fetch(`${hub.url}/sign-out`, { method: "POST", headers: { cookie, origin: hub.url }, redirect: "manual" });
  expect(await reading).toContain(": heartbeat\n\n");
});

const ANA = { owner: "ana", stillAllowed: () => Promise.resolve(true) };

test("one person cannot take everybody's streams", () => {
  const streams = createLiveStreams();
  const open = (reader: typeof ANA) => streams.open(() => () => undefined, reader);
  for (let i = 0; i < 200; i += 1) open(ANA);
  expect(() => open(ANA)).toThrow(/200 of your event streams are open/);
  expect(open({ ...ANA, owner: "ben" }).status).toBe(200);
  streams.close();
});

test("a reader that does not read is cut and told; the others are not held up", async () => {
  const streams = createLiveStreams();
  const clients: StreamClient[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      streams.open((client) => {
        clients.push(client);
        return () => undefined;
      }, ANA),
  });
  const slow = connect(server.port ?? 0, "127.0.0.1");
  slow.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  slow.pause();
  let quickBytes = 0;
  const quick = await fetch(server.url);
  const reading = (async () => {
    for await (const chunk of quick.body ?? []) quickBytes += chunk.length;
  })();
  for (let i = 0; i < 100 && clients.length < 2; i += 1) await Bun.sleep(10);
  const chunk = sseChunk({ id: 1, data: "x".repeat(65_536) });
  let sent = 0;
  for (; sent < 1_000 && streams.size === 2; sent += 1) {
    for (const client of clients) client.send(chunk);
    await Bun.sleep(1);
  }
  expect(streams.size).toBe(1);
  let got = "";
  slow.on("data", (data) => {
    got = (got + data.toString()).slice(-1_000);
  });
  slow.resume();
  for (let i = 0; i < 300 && !got.includes("event: cut"); i += 1) await Bun.sleep(10);
  expect(got).toContain('"code":"too-slow"');
  streams.close();
  await reading;
  expect(quickBytes).toBeGreaterThanOrEqual(sent * 65_536);
  slow.destroy();
  await server.stop(true);
});

test("closing ends every stream and takes no more", async () => {
  const streams = createLiveStreams();
  let left = 0;
  const source = () => () => {
    left += 1;
  };
  const response = streams.open(source, ANA);
  streams.close();
  expect(await response.text()).toStartWith("retry: ");
  expect([left, streams.size]).toEqual([1, 0]);
  expect(() => streams.open(source, ANA)).toThrow(/stopping/);
});
