import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startVictoriaMetrics } from "../../db/embedded/index.ts";
import { scratchDir, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { systemClock } from "../clock.ts";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { listOf } from "../sample/index.ts";
import { createBodyMaker } from "./body.ts";
import { directTarget, gatewayTarget } from "./index.ts";
import { startProxy } from "./proxy.fixture.ts";
import { append, base, cleanup, direct, expectAllStored, ship, site, stopAll, until } from "./site.fixture.ts";
import { TestGateway } from "./test-gateway.fixture.ts";
import { httpWay } from "./way.ts";

setDefaultTimeout(60_000);
afterEach(stopAll);

test("a token or a password is read from its file for each request", async () => {
  const s = await site();
  const bearerTokenFile = join(scratchDir("ship"), "token");
  writeFileSync(bearerTokenFile, "one\n");
  const common = { url: s.gateway.url, site: s.name, collectorId: "c1", timeoutMs: 2_000 };
  const shipper = ship(s.spool, directTarget({ ...common, bearerTokenFile }));
  await append(s, 0, 1);
  await expectAllStored(s);
  writeFileSync(bearerTokenFile, "two\n");
  await append(s, 1, 1);
  await expectAllStored(s);
  await shipper.stop();
  ship(s.spool, directTarget({ ...common, username: "ana", passwordFile: bearerTokenFile }));
  await append(s, 2, 1);
  await expectAllStored(s);
  expect([...s.gateway.authorizations]).toEqual(["Bearer one", "Bearer two", `Basic ${btoa("ana:two")}`]);
});

test("a token file that is missing keeps the samples, and is named", async () => {
  const s = await site();
  const target = directTarget({
    url: s.gateway.url,
    site: s.name,
    collectorId: "c1",
    timeoutMs: 2_000,
    bearerTokenFile: "/nowhere/token",
  });
  const shipper = ship(s.spool, target);
  await append(s, 0, 1);
  await until(() => shipper.status().failing !== undefined);
  expect(shipper.status().failing).toContain("/nowhere/token");
  expect([s.spool.pending().samples, s.gateway.requests]).toEqual([30, 0]);
});

test("the gateway is reached through a proxy's tunnel, with the collector's certificate", async () => {
  const s = await site();
  const authority = await createTestAuthority();
  const gateway = await TestGateway.start(await testVictoriaMetrics(), authority);
  const proxy = await startProxy();
  cleanup.push(
    () => gateway.close(),
    () => proxy.stop(),
  );
  const identity = await authority.identity(scratchDir("ship"), { remoteWriteUrl: gateway.url });
  const target = gatewayTarget({ identity, timeoutMs: 2_000, proxy: proxy.url });
  ship(s.spool, { ...target, extraLabels: { site: s.name, collector: "c1" } });
  await append(s, 0, 3);
  await expectAllStored(s);
  expect(new Set(proxy.tunnels)).toEqual(new Set([gateway.address]));
});

test("a backlog goes as zstd to a store that says it takes it, and as snappy to one that then refuses it", async () => {
  for (const refuses of [false, true]) {
    const s = await site();
    s.gateway.takesZstd = true;
    s.gateway.behaviour = () =>
      refuses && s.gateway.encodings.at(-1) === "zstd" ? { kind: "answer", status: 400 } : { kind: "forward" };
    await append(s, 0, 700);
    ship(s.spool, direct(s));
    await expectAllStored(s);
    expect(s.gateway.encodings.filter((encoding) => encoding === "zstd").length > 0).toBe(true);
    expect(s.spool.pending().quarantinedBlocks).toBe(0);
  }
});

test.each(["while samples come", "between two requests"])(
  "what a store had acknowledged and lost when it was killed %s is sent again",
  async (when) => {
    const dir = scratchDir("ship-vm");
    const first = await startVictoriaMetrics({ dir });
    if (first.kind === "missing") throw new Error(first.reason);
    const port = Number(new URL(first.url).port);
    const s = await site(first.url);
    let passedMs = 0;
    const clock = { ...systemClock, monotonicMs: () => performance.now() + passedMs };
    const shipper = ship(s.spool, directTarget({ ...locationOf(s, first.url), timeoutMs: 2_000 }), clock);
    await append(s, 0, 20);
    await until(() => s.spool.pending().blocks === 0);
    // Stores tell their start in whole seconds.
    await Bun.sleep(1_000);
    await killAt(port);
    await first.exited;
    if (when === "while samples come") {
      await append(s, 20, 5);
      await until(() => shipper.status().failing !== undefined);
    }
    const second = await startVictoriaMetrics({ dir, port });
    if (second.kind === "missing") throw new Error(second.reason);
    cleanup.push(() => second.stop());
    passedMs = 30_000;
    await append(s, 25, 1);
    await until(() => shipper.status().deliveredSamples >= s.appended.size + 600);
    await expectAllStored(s);
  },
);

function locationOf(s: { name: string }, url: string) {
  return { url: `${url}/api/v1/write`, site: s.name, collectorId: "c1" };
}

/** SIGKILL to the one process that listens there. */
async function killAt(port: number): Promise<void> {
  const { stdout } = Bun.spawnSync(["pgrep", "-f", `httpListenAddr=127.0.0.1:${port}`]);
  for (const pid of stdout.toString().trim().split("\n")) process.kill(Number(pid), "SIGKILL");
}

test("a request that is under way is not changed by the making of the next one", async () => {
  const s = await site();
  const seen = new Set<string>();
  s.gateway.behaviour = (body) => {
    seen.add(Buffer.from(body).toString("hex"));
    return { kind: "forward" };
  };
  const way = httpWay(direct(s), systemClock);
  const series = listOf([{ name: "m", labels: { device: "core-sw1" } }]);
  const polls = [1, 2, 3].map((value) => ({ takenAtMs: base + value, series, values: new Float64Array([value]) }));
  const { signal } = new AbortController();
  const sent = await Promise.all(polls.map((batch) => way.send({ batches: [batch], compression: "snappy", signal })));
  expect(sent.map(({ kind }) => kind)).toEqual(["delivered", "delivered", "delivered"]);
  const wanted = polls.map((batch) => createBodyMaker({ site: s.name, collector: "c1" }).make([batch], "snappy"));
  expect(seen).toEqual(new Set(wanted.map((body) => Buffer.from(body).toString("hex"))));
});
