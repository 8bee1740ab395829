import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { freePort, startVictoriaMetrics } from "@watchpost/db/embedded";
import { pino } from "pino";
import { systemClock } from "../../collector/clock.ts";
import { enroll } from "../../collector/enroll/index.ts";
import { createShipper, gatewayTarget, type Shipper } from "../../collector/remote-write/index.ts";
import { listOf } from "../../collector/sample/index.ts";
import { openSpool, type Spool } from "../../collector/spool/index.ts";
import { openBus } from "../../hub/bus/index.ts";
import { contextFor, type Hub } from "../../hub/hub.ts";
import { createEnrollmentToken, openKeys } from "../../hub/identity/index.ts";
import { startGateway } from "../../hub/gateway/index.ts";
import { startPublicServer } from "../../hub/link/index.ts";
import { scratchDir, testDatabase } from "../parts/index.ts";
import { until } from "./stack.ts";

const SITE = "harbor";
const SERIES = 60;
const POLL_MS = 20;
/** A store tells its start in whole seconds: the next one must begin in a later one. */
const LIFE_MS = 1_200;
/** The store may happen to write what it holds in the very moment it is killed. */
const KILLS_MAX = 3;
const log = pino({ level: "silent" });
const known = listOf(
  Array.from({ length: SERIES }, (_, n) => ({ name: "load_value", labels: { device: "core-sw1", n: String(n) } })),
);

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

/** VictoriaMetrics in one folder and on one port, life after life. */
class MortalStore {
  readonly #dir = scratchDir("mortal-store");
  readonly #port: number;
  #life: Awaited<ReturnType<MortalStore["born"]>> | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<MortalStore> {
    const store = new MortalStore(await freePort());
    await store.start();
    return store;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#life = await this.born();
  }

  async kill(): Promise<void> {
    if (!this.#life) return;
    process.kill(this.#life.pid, "SIGKILL");
    await this.#life.exited;
    this.#life = undefined;
  }

  async born() {
    const born = await startVictoriaMetrics({ dir: this.#dir, port: this.#port });
    if (born.kind === "missing") throw new Error(born.reason);
    return born;
  }

  /** "series@time" -> every value that it has of it. */
  async holds(): Promise<Map<string, number[]>> {
    await fetch(`${this.url}/internal/force_flush`);
    const query = new URLSearchParams({ "match[]": `{site="${SITE}"}`, start: "0", end: "4102444800" });
    const text = await (await fetch(`${this.url}/api/v1/export?${query}`)).text();
    const held = new Map<string, number[]>();
    for (const line of text.split("\n").filter((l) => l !== "")) {
      const { metric, values, timestamps } = JSON.parse(line) as Exported;
      timestamps.forEach((at, i) => {
        const key = `${metric["n"]}@${at}`;
        held.set(key, [...(held.get(key) ?? []), values[i] ?? Number.NaN]);
      });
    }
    return held;
  }
}

interface Exported {
  metric: Record<string, string>;
  values: number[];
  timestamps: number[];
}

/** Enrolment and gateway of a hub, as collectors reach them: a token, then mutual TLS. */
async function hubBefore(storeUrl: string): Promise<{ token: string }> {
  const database = await testDatabase();
  const bus = await openBus(database.sql, () => undefined);
  cleanup.push(
    () => database.close(),
    () => bus.close(),
  );
  const hub: Hub = { db: database.db, sql: database.sql, bus, clock: systemClock, log, metrics: undefined };
  const keys = await openKeys(scratchDir("store-crash-hub"), systemClock);
  const common = { hub, keys, identity: await keys.certificates.issueServer([]), address: "127.0.0.1", port: 0 };
  const gateway = await startGateway({ ...common, storeUrl, onWrite: () => undefined });
  const remoteWrite = `https://127.0.0.1:${gateway.port}/api/v1/write`;
  const door = await startPublicServer({
    ...common,
    addresses: () => ({ link: "127.0.0.1:1", remoteWrite }),
    services: [],
  });
  cleanup.push(
    () => gateway.stop(),
    () => door.stop(),
  );
  const ctx = contextFor(hub, { kind: "system" });
  const caFingerprint = keys.certificates.fingerprint;
  return createEnrollmentToken(ctx, { site: SITE, address: `127.0.0.1:${door.port}`, caFingerprint });
}

const onGap = () => Promise.reject(new Error("nothing may be given up here"));

/** A collector's spool and what empties it through the gateway. */
async function siteWith(token: string): Promise<{ spool: Spool; shipper: Shipper }> {
  const dir = scratchDir("store-crash-site");
  const identity = await enroll({ token, collectorName: "edge1", dir, version: "1" });
  const spool = openSpool({ dir: join(dir, "spool"), bytesMax: 1e8, clock: systemClock, log, onGap });
  const target = gatewayTarget({ identity, timeoutMs: 2_000 });
  const shipper = createShipper({ spool, target, clock: systemClock, random: Math.random, log });
  cleanup.push(
    () => spool.close(),
    () => shipper.stop(),
  );
  shipper.start();
  return { spool, shipper };
}

/** Polls without a pause. What the spool has promised to keep is in `kept`. */
function pollInto(spool: Spool): { kept: Map<string, number>; stop(): Promise<void> } {
  const kept = new Map<string, number>();
  const ending = new AbortController();
  let polled = 0;
  const run = async () => {
    for (let takenAtMs = Date.now(); !ending.signal.aborted; takenAtMs = Math.max(takenAtMs + 1, Date.now())) {
      polled += 1;
      // Few digits: the store keeps about twelve.
      const values = Float64Array.from(known, (_, n) => polled * 1_234.5 + n / 4);
      await spool.append({ device: "core-sw1", takenAtMs, series: known, values });
      values.forEach((value, n) => kept.set(`${n}@${takenAtMs}`, value));
      await Bun.sleep(POLL_MS);
    }
  };
  const ended = run();
  return {
    kept,
    stop() {
      ending.abort();
      return ended;
    },
  };
}

/** Kills the store while it is written to, and starts it on the same data. Gives how many samples it forgot. */
async function crash(store: MortalStore, shipper: Shipper): Promise<number> {
  await Bun.sleep(LIFE_MS);
  await store.kill();
  await until("the collector notices", 10_000, async () => shipper.status().failing);
  const { deliveredSamples } = shipper.status();
  await store.start();
  const held = await store.holds();
  // Counted before anything was sent again, or not counted.
  return shipper.status().deliveredSamples === deliveredSamples ? deliveredSamples - held.size : 0;
}

test("what a store behind the gateway had taken and lost when it was killed is sent again, each sample once and as it was", async () => {
  const store = await MortalStore.start();
  cleanup.push(() => store.kill());
  const { token } = await hubBefore(store.url);
  const { spool, shipper } = await siteWith(token);
  const polling = pollInto(spool);
  const { kept } = polling;
  await until("the store is written to", 10_000, async () => shipper.status().deliveredSamples > 0 || undefined);
  let lost = 0;
  for (let kills = 0; kills < KILLS_MAX && lost <= 0; kills += 1) lost = await crash(store, shipper);
  await polling.stop();
  expect(lost).toBeGreaterThan(0);

  const all = kept.size;
  await until("the store has everything", 20_000, async () => {
    return spool.pending().samples === 0 && (await store.holds()).size >= all ? true : undefined;
  });
  const held = await store.holds();
  expect([...held].filter(([, values]) => values.length > 1)).toEqual([]);
  const wrong = [...kept].filter(([key, value]) => held.get(key)?.[0] !== value);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(held.size).toBe(all);
}, 60_000);
