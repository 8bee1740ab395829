import { afterAll, beforeAll, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { EventBatchSchema, EventKind, EventSchema, EventState, InventorySchema, Severity } from "@watchpost/proto";
import { pino } from "pino";
import { scratchDir, type TestDatabase, testDatabase, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { loadConfig } from "../config/index.ts";
import { systemClock } from "../context.ts";
import { contextFor } from "../hub.ts";
import { createApiToken, FIRST_ADMIN_EMAIL } from "../identity/index.ts";
import { listIncidents } from "../incident/index.ts";
import { enrollClient, TestStream } from "../link/test-collector.ts";
import { type RunningHub, startHub } from "./index.ts";

let database: TestDatabase;
let running: RunningHub;
beforeAll(async () => {
  const vmUrl = await testVictoriaMetrics();
  database = await testDatabase();
  const free = { httpPort: "0", grpcPort: "0", linkPort: "0", gatewayPort: "0" };
  const dataDir = scratchDir("start-hub");
  const loaded = loadConfig({}, { dataDir, databaseUrl: database.url, vmUrl, ...free });
  if (loaded.kind === "invalid") throw new Error(loaded.problems.join("\n"));
  running = await startHub({ config: loaded.config, log: pino({ level: "silent" }), clock: systemClock });
}, 60_000);
afterAll(async () => {
  await running.stop();
  await database.close();
});

/** What an installer knows: the token alone. */
async function authorityFrom(token: string): Promise<string> {
  const { a, f } = JSON.parse(Buffer.from(token.slice(4), "base64url").toString()) as { a: string; f: string };
  const { connect } = await import("node:tls");
  const [host, port] = a.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: host ?? "", port: Number(port), rejectUnauthorized: false, ALPNProtocols: ["h2"] },
      () => {
        const { issuerCertificate } = socket.getPeerCertificate(true);
        socket.end();
        const seen = issuerCertificate.fingerprint256.replaceAll(":", "").toLowerCase();
        if (seen !== f) return reject(new Error(`the authority ${seen} is not ${f}`));
        resolve(`-----BEGIN CERTIFICATE-----\n${issuerCertificate.raw.toString("base64")}\n-----END CERTIFICATE-----`);
      },
    );
    socket.once("error", reject);
  });
}

test("a collector that holds nothing but a token enrols, streams, and its event becomes an incident", async () => {
  const token = await running.createToken("harbor");
  const client = await enrollClient(running.grpcAddress, await authorityFrom(token), token, "edge-1");
  expect(client.response.linkAddress).toBe(running.linkAddress);
  expect(client.response.remoteWriteUrl).toBe(running.gatewayUrl);
  const stream = new TestStream(client.response.linkAddress, client.identity);
  await stream.hello("e1");
  const device = { name: "core-sw1", address: "127.1.0.1", polledAtMs: 1n };
  stream.send({ case: "inventory", value: create(InventorySchema, { devices: [device], whole: true }) });
  const event = create(EventSchema, {
    seq: 1n,
    kind: EventKind.DEVICE_DOWN,
    state: EventState.FIRING,
    severity: Severity.CRITICAL,
    device: "core-sw1",
    fingerprint: "device-down/core-sw1",
    observedAtMs: BigInt(Date.now()),
    summary: "core-sw1 does not answer",
  });
  stream.send({ case: "events", value: create(EventBatchSchema, { events: [event] }) });
  expect((await stream.next("ack")).seq).toBe(1n);
  const { incidents } = await listIncidents(contextFor(running.hub, { kind: "system" }), {});
  expect(incidents).toHaveLength(1);
  expect(incidents[0]).toMatchObject({ severity: "critical", status: "new" });
  stream.close();
});

test("a sign-in link of the running hub leads to its page", async () => {
  const response = await fetch(await running.signInUrl());
  expect(response.status).toBe(200);
  expect(running.signInUrl("nobody@example.net")).rejects.toThrow("no active user");
});

test("the running hub is ready, and its meters count what it did", async () => {
  expect(await (await fetch(`${running.url}/readyz`)).json()).toMatchObject({ ready: true });
  const ctx = contextFor(running.hub, { kind: "system" });
  const { token } = await createApiToken(ctx, { name: "scraper", userEmail: FIRST_ADMIN_EMAIL, role: "viewer" });
  const response = await fetch(`${running.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  expect(text).toContain("watchpost_events_stored_total 1");
  expect(text).toMatch(/watchpost_http_request_duration_seconds_count\{method="GET",code="200"\} [1-9]/);
});
