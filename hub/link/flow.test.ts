import { afterAll, beforeAll, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { ConfigPushSchema, DownlinkSchema, EventBatchSchema, EventSchema } from "@watchpost/proto";
import { systemClock } from "../context.ts";
import { startTestLink, type TestLink } from "./test-link.ts";

const SILENCE_MS = 700;
const MIB = 1_048_576;
const HUB_HOLDS_BYTES_MAX = 16 * MIB;

let link: TestLink;
beforeAll(async () => {
  link = await startTestLink(systemClock, { silenceMaxMs: SILENCE_MS });
}, 60_000);
afterAll(() => link.stop());

test("a stream that says nothing is ended after the time for it, and its collector counts as gone", async () => {
  const client = await link.enroll("harbor", "silent");
  const stream = link.connect(client);
  await stream.hello("e1");
  const from = performance.now();
  expect(String(await stream.end())).toMatch(/nothing came for 700 ms/);
  expect(performance.now() - from).toBeGreaterThan(SILENCE_MS - 100);
  expect(link.registry.isConnected(client.response.collectorId)).toBe(false);
});

test("a collector that does not read holds a bounded number of bytes here, then loses its stream", async () => {
  const client = await link.enroll("harbor", "deaf");
  const stream = link.connect(client);
  await stream.hello("e1");
  stream.stopReading();
  const yaml = "x".repeat(MIB);
  const value = create(ConfigPushSchema, { version: 1, yaml });
  const message = create(DownlinkSchema, { message: { case: "config", value } });
  let taken = 0;
  while (taken < 200 && link.registry.send(client.response.collectorId, message)) {
    taken += 1;
    await Bun.sleep(1);
  }
  expect(taken * MIB).toBeLessThanOrEqual(HUB_HOLDS_BYTES_MAX);
  expect(link.registry.isConnected(client.response.collectorId)).toBe(false);
  stream.close();
});

test("what the hub cannot store yet stays with the collector, not in the hub's memory", async () => {
  const client = await link.enroll("harbor", "eager");
  const stream = link.connect(client);
  await stream.hello("e1");
  const batches = 60;
  const summary = "x".repeat(1_000);
  await link.hub.sql.begin(async (tx) => {
    await tx`select * from control_plane.collector_streams for update`;
    for (let batch = 0; batch < batches; batch += 1) {
      const events = Array.from({ length: 500 }, (_, i) =>
        create(EventSchema, { seq: BigInt(batch * 500 + i + 1), summary }),
      );
      stream.send({ case: "events", value: create(EventBatchSchema, { events }) });
    }
    await Bun.sleep(1_000);
    expect(stream.unsent).toBeGreaterThan(batches / 2);
  });
  stream.close();
});
