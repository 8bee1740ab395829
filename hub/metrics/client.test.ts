import { beforeAll, expect, test } from "bun:test";
import { testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { HubError } from "../error.ts";
import { openMetricsStore, SERIES_MAX } from "./client.ts";
import { quoteLabel, selector } from "./promql.ts";

let url: string;
const site = `metrics-client-${process.pid}`;
const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;

beforeAll(async () => {
  url = await testVictoriaMetrics();
  const lines = Array.from(
    { length: 10 },
    (_, i) => `if_in_octets_total{site="${site}",interface="Te\\"1\\\\1"} ${i * 100} ${startMs + i * 60_000}`,
  );
  const body = [
    ...lines,
    ...Array.from({ length: SERIES_MAX + 1 }, (_, i) => `many{site="${site}",n="${i}"} 1 ${startMs}`),
  ];
  const response = await fetch(`${url}/api/v1/import/prometheus`, { method: "POST", body: body.join("\n") });
  expect(response.status).toBe(204);
  await fetch(`${url}/internal/force_flush`);
});

const refusal = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(HubError);
  return error as HubError;
};

test("a range query returns the stored points with their own timestamps, a hostile label value included", async () => {
  const store = openMetricsStore(`${url}/`);
  const query = selector("if_in_octets_total", { site, interface: 'Te"1\\1' });
  const [series] = await store.range({ query, startMs, endMs: startMs + 540_000, stepS: 60 });
  expect(series?.values).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  expect(series?.timestamps[0]).toBe(startMs / 1000);
});

test("an instant query answers at the time asked for, and a scalar is one series without labels", async () => {
  const store = openMetricsStore(url);
  const [at] = await store.instant(selector("if_in_octets_total", { site }), startMs + 120_000);
  expect(at?.value).toBe(200);
  expect((await store.instant("1 + 1"))[0]).toMatchObject({ labels: {}, value: 2 });
});

test("a label value cannot leave its quotes", async () => {
  expect(quoteLabel('x"} or up{a="')).toBe('"x\\"} or up{a=\\""');
  expect(await openMetricsStore(url).instant(selector("many", { site: '"} or many{site=~".*' }), startMs)).toEqual([]);
  expect(() => selector("a b", {})).toThrow('"a b" is no metric or label name');
});

test("a list of label values matches exactly these, whatever characters they hold", async () => {
  const store = openMetricsStore(url);
  const hostile = 'Te"1\\1';
  const count = async (values: string[]) =>
    (await store.instant(selector("if_in_octets_total", { site, interface: values }), startMs)).length;
  expect(await count(["Gi1/1", hostile])).toBe(1);
  expect(await count([".*", "Te.*", "|", "(?i)te.+"])).toBe(0);
});

test("more series than the bound are refused with the numbers", async () => {
  const error = await refusal(openMetricsStore(url).instant(selector("many", { site }), startMs));
  expect(error.code).toBe("unprocessable");
  expect(error.message).toContain(`matches ${SERIES_MAX + 1} series; ${SERIES_MAX} are served`);
});

test("a query the store cannot parse, too many points and a store that is away each say so", async () => {
  expect((await refusal(openMetricsStore(url).instant("sum("))).message).toContain("refused sum(");
  const range = { query: "up", startMs: 0, endMs: 1_000_000_000, stepS: 1 };
  expect((await refusal(openMetricsStore(url).range(range))).message).toContain("1000001 points");
  const away = await refusal(openMetricsStore("http://127.0.0.1:1").instant("up"));
  expect(away.code).toBe("not-available");
  expect(away.message).toContain("Check VM_URL");
});

test("a store that never answers is given up after the time-out", async () => {
  const silent = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Promise<Response>(() => undefined) });
  try {
    const error = await refusal(openMetricsStore(`http://127.0.0.1:${silent.port}`, { timeoutMs: 200 }).instant("up"));
    expect(error.message).toContain("no answer within 200 ms");
  } finally {
    await silent.stop(true);
  }
});
