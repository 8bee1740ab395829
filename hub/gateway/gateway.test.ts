import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { type Server, serve } from "bun";
import { pino } from "pino";
import { scratchDir, type TestDatabase, testDatabase, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { openBus, type Bus } from "../bus/index.ts";
import { systemClock } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import {
  type Authority,
  createEnrollmentToken,
  enrollCollector,
  openKeys,
  type ServerIdentity,
} from "../identity/index.ts";
import { type ClientIdentity, newKey } from "../link/test-collector.ts";
import { type Gateway, startGateway } from "./index.ts";

let database: TestDatabase;
let bus: Bus;
let hub: Hub;
let keys: Authority;
let identity: ServerIdentity;
let client: ClientIdentity;
let collectorId: string;
let store: string;
const gateways: Gateway[] = [];
const stores: Server<undefined>[] = [];

beforeAll(async () => {
  [database, store] = await Promise.all([testDatabase(), testVictoriaMetrics()]);
  bus = await openBus(database.sql, () => undefined);
  hub = {
    db: database.db,
    sql: database.sql,
    bus,
    clock: systemClock,
    log: pino({ level: "silent" }),
    metrics: undefined,
  };
  keys = await openKeys(scratchDir("gateway"), systemClock);
  identity = await keys.certificates.issueServer([]);
  const ctx = contextFor(hub, { kind: "system" });
  const caFingerprint = keys.certificates.fingerprint;
  const { token } = await createEnrollmentToken(ctx, { site: "gate-site", address: "h:1", caFingerprint });
  const { request, keyPem } = await newKey();
  const input = { token, collectorName: "edge", collectorVersion: "1", certificateRequest: request };
  const enrolled = await enrollCollector(ctx, keys.certificates, input);
  collectorId = enrolled.collectorId;
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(enrolled.certificate).toString("base64")}\n-----END CERTIFICATE-----`;
  client = { authorityPem: keys.certificates.pem, certificatePem, keyPem };
}, 60_000);
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  for (const server of stores) await server.stop(true);
  await bus.close();
  await database.close();
});

async function gatewayTo(storeUrl: string | undefined): Promise<string> {
  const gateway = await startGateway({
    hub,
    keys,
    identity,
    storeUrl,
    address: "127.0.0.1",
    port: 0,
    onWrite: () => undefined,
  });
  gateways.push(gateway);
  return `https://127.0.0.1:${gateway.port}/api/v1/write`;
}

function write(url: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
  const { authorityPem, certificatePem, keyPem } = client;
  const tls = { ca: authorityPem, cert: certificatePem, key: keyPem, serverName: "watchpost-hub" };
  const all = { "content-type": "application/x-protobuf", "content-encoding": "snappy", ...headers };
  return fetch(url, { method: "POST", body, headers: all, tls });
}

function field(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
}

/** Remote write v1 of one sample, snappy as one literal. */
function oneSample(labels: Record<string, string>, value: number): Uint8Array<ArrayBuffer> {
  const label = ([k, v]: [string, string]) =>
    field(0x0a, Buffer.concat([field(0x0a, Buffer.from(k)), field(0x12, Buffer.from(v))]));
  const sample = Buffer.alloc(9 + 7);
  sample[0] = 0x09;
  sample.writeDoubleLE(value, 1);
  sample[9] = 0x10;
  let ms = BigInt(Date.now());
  for (let i = 10; i < 16; i += 1) {
    sample[i] = Number(ms & 0x7fn) | (i < 15 ? 0x80 : 0);
    ms >>= 7n;
  }
  const series = Buffer.concat([...Object.entries(labels).map(label), field(0x12, sample)]);
  const length = Buffer.from([(series.length & 0x7f) | 0x80, series.length >> 7]);
  const plain = Buffer.concat([Buffer.from([0x0a]), length, series]);
  const head = [(plain.length & 0x7f) | 0x80, plain.length >> 7, 0xf0, plain.length - 1];
  return new Uint8Array(Buffer.concat([Buffer.from(head), plain]));
}

test("a forged site and collector are overwritten by the certificate's", async () => {
  const url = await gatewayTo(store);
  const labels = { __name__: "gateway_test_value", site: "forged", collector: "forged", device: "core-sw1" };
  const written = await write(url, oneSample(labels, 42));
  expect(written.status).toBe(204);
  const startS = Number(written.headers.get("x-watchpost-store-start"));
  expect(Math.abs(Date.now() / 1_000 - startS)).toBeLessThan(86_400);
  // The store shows a new series after a second or two, and remembers for a while that it was asked too early.
  let stored = "";
  for (let i = 0; i < 12 && stored === ""; i += 1) {
    await Bun.sleep(2_000);
    stored = await (await fetch(`${store}/api/v1/export?match[]=gateway_test_value`)).text();
  }
  const metric = { __name__: "gateway_test_value", site: "gate-site", collector: collectorId, device: "core-sw1" };
  expect(JSON.parse(stored)).toMatchObject({ metric, values: [42] });
}, 30_000);

test("without a certificate of this hub nothing gets in", async () => {
  const url = await gatewayTo(store);
  const tls = { ca: keys.certificates.pem, serverName: "watchpost-hub" };
  expect(fetch(url, { method: "POST", body: "x", tls })).rejects.toThrow();
});

test("the store's refusal, its Retry-After and nothing but the allowed headers pass through", async () => {
  const seen: string[][] = [];
  const answers = serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      if (new URL(request.url).pathname === "/metrics") return new Response("", { status: 404 });
      seen.push([...request.headers.keys()]);
      return new Response("bad sample 7", { status: seen.length === 1 ? 400 : 429, headers: { "retry-after": "17" } });
    },
  });
  stores.push(answers);
  const url = await gatewayTo(answers.url.origin);
  const refused = await write(url, new Uint8Array([1]), { authorization: "Bearer stolen", cookie: "a=b" });
  expect([refused.status, await refused.text()]).toEqual([400, "bad sample 7"]);
  const busy = await write(url, new Uint8Array([1]));
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "17"]);
  expect(seen[0]).not.toContain("authorization");
  expect(seen[0]).not.toContain("cookie");
  expect(seen[0]).toContain("content-encoding");
});

test("without a store, or with one that is down, the writer is told to come back", async () => {
  for (const target of [undefined, "http://127.0.0.1:1"]) {
    const response = await write(await gatewayTo(target), new Uint8Array([1]));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  }
});

test("a body above the limit is refused with the limit", async () => {
  const response = await write(await gatewayTo(store), new Uint8Array(8_388_609));
  expect(response.status).toBe(413);
  expect(await response.text()).toContain("8388608");
});

test("other paths and methods are no way to the store", async () => {
  const url = await gatewayTo(store);
  const { authorityPem, certificatePem, keyPem } = client;
  const tls = { ca: authorityPem, cert: certificatePem, key: keyPem, serverName: "watchpost-hub" };
  expect((await fetch(url, { tls })).status).toBe(405);
  expect((await fetch(url.replace("write", "admin/tsdb/delete_series"), { method: "POST", tls })).status).toBe(404);
});

test("a writer over HTTP/2 is told what to use, and the gateway goes on", async () => {
  const url = await gatewayTo(store);
  const { authorityPem, certificatePem, keyPem } = client;
  const session = connectHttp2(new URL(url).origin, {
    ca: authorityPem,
    cert: certificatePem,
    key: keyPem,
    servername: "watchpost-hub",
  });
  const request = session.request({ ":method": "POST", ":path": "/api/v1/write" });
  request.end("x");
  const status = await new Promise((resolve, reject) => {
    request.once("response", (headers) => resolve(headers[":status"]));
    request.once("error", reject);
    session.once("error", reject);
  });
  expect(status).toBe(505);
  session.destroy();
  const tls = { ca: authorityPem, cert: certificatePem, key: keyPem, serverName: "watchpost-hub" };
  expect((await fetch(url, { tls })).status).toBe(405);
});

test("a port in use is one clear sentence", async () => {
  const port = Number(new URL(await gatewayTo(store)).port);
  const again = startGateway({
    hub,
    keys,
    identity,
    storeUrl: store,
    address: "127.0.0.1",
    port,
    onWrite: () => undefined,
  });
  expect(again).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: EADDRINUSE`);
});
