import { afterEach, expect, test } from "bun:test";
import * as fc from "fast-check";
import { testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { systemTimerClock } from "../clock.ts";
import { configSchema } from "../config/index.ts";
import { type SampleBatch, SeriesTable } from "../sample/index.ts";
import { startScraper } from "./index.ts";
import { parseExposition, parseSeries } from "./parse.ts";

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

function scraping(target: object) {
  const config = configSchema.parse({ name: "edge", scrape: [{ job: "app", intervalMs: 1_000, ...target }] });
  const batches: SampleBatch[] = [];
  const troubles: string[] = [];
  const scraper = startScraper({
    targets: config.scrape,
    table: new SeriesTable(),
    clock: systemTimerClock,
    random: () => 0,
    append: (batch) => Promise.resolve(void batches.push(batch)),
    onTrouble: (message) => troubles.push(message),
    onError: (error) => troubles.push(String(error)),
  });
  opened.push(() => scraper.stop());
  return { scraper, batches, troubles };
}

function serve(answer: (request: Request) => Response): string {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  opened.push(() => server.stop(true));
  return `http://127.0.0.1:${server.port}/metrics`;
}

function key(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([n, v]) => `${n}=${v}`)
    .join(",");
}

async function first(batches: SampleBatch[], count = 1): Promise<Map<string, number>> {
  for (let waited = 0; batches.length < count && waited < 200; waited += 1) await Bun.sleep(25);
  const batch = batches[count - 1];
  if (!batch) throw new Error(`there is no batch ${count}`);
  return new Map(
    [...batch.series].map((series, i) => [`${series.name}{${key(series.labels)}}`, batch.values[i] ?? Number.NaN]),
  );
}

test("the text format is read with its escapes, exemplars, times and odd spaces", () => {
  const body = `# HELP a_total help
# TYPE a_total counter
a_total 1
b{x="1"} 2.5e3 1395066363000
c{p="C:\\\\DIR",q="say \\"hi\\"\\n} , x",} -Inf
d_bucket{le="0.5"} 4 # {trace_id="abc"} 0.3 1.5
\te  {y="z"}   +7
# EOF`;
  const seen: [string, number][] = [];
  const outcome = parseExposition(body, (series, value) => seen.push([series, value]) > 0);
  expect(outcome).toEqual({ kind: "ok", samples: 5 });
  expect(seen.map(([series, value]) => [parseSeries(series)?.name, value])).toEqual([
    ["a_total", 1],
    ["b", 2_500],
    ["c", Number.NEGATIVE_INFINITY],
    ["d_bucket", 4],
    ["e", 7],
  ]);
  expect(parseSeries(seen[2]?.[0] ?? "")?.labels).toEqual([
    ["p", "C:\\DIR"],
    ["q", 'say "hi"\n} , x'],
  ]);
  const bad = parseExposition('a 1\nb{x="1" 2\n', () => true);
  expect(bad).toMatchObject({ kind: "malformed", line: 2 });
});

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

test("labels survive being written and read, and any text ends in an outcome", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      expect(parseSeries(`m{a="${escaped(text)}"}`)?.labels).toEqual([["a", text]]);
      parseExposition(text, (series) => parseSeries(series) !== undefined);
    }),
    { numRuns: 2_000 },
  );
});

test("a real store's own metrics come with job, instance and device, and drop and keep choose among them", async () => {
  const url = `${await testVictoriaMetrics()}/metrics`;
  const { batches } = scraping({ url, device: "srv1", keep: ["vm_.*", "process_.*"], drop: ["vm_app_.*"] });
  const values = await first(batches);
  const instance = new URL(url).host;
  expect(values.get(`up{device=srv1,job=app,instance=${instance}}`)).toBe(1);
  expect(values.size).toBeGreaterThan(50);
  const names = [...values.keys()].map((key) => key.slice(0, key.indexOf("{")));
  const kept = names.filter((name) => name !== "up" && !name.startsWith("scrape_"));
  expect(kept.filter((name) => !/^(vm_(?!app_)|process_)/.test(name))).toEqual([]);
});

test("labels are dropped, renamed, and never take the place of our own", async () => {
  const url = serve(
    () => new Response('m{job="theirs",pod="x",zone="1",b="2",empty=""} 3\nm{zone="9",b="2",pod="y",job="theirs"} 4\n'),
  );
  const { batches } = scraping({ url, instance: "here", dropLabels: ["pod"], renameLabels: { zone: "area" } });
  const values = await first(batches);
  expect(values.get("m{job=app,instance=here,area=1,b=2,exported_job=theirs}")).toBe(3);
  expect(values.get("m{job=app,instance=here,area=9,b=2,exported_job=theirs}")).toBe(4);
  expect(values.get("scrape_samples_scraped{job=app,instance=here}")).toBe(2);
});

const REFUSALS: [string, object, () => Response, string][] = [
  ["a malformed line", {}, () => new Response("ok 1\nnot a sample\n"), "line 2 is not a sample: not a sample"],
  ["a body too large", { bodyBytesMax: 1_024 }, () => new Response("a 1\n".repeat(1_000)), "larger than 1024 bytes"],
  ["too many samples", { samplesMax: 2 }, () => new Response("a 1\nb 2\nc 3\n"), "more than 2 samples"],
  ["too many labels", { labelsMax: 1 }, () => new Response('a{x="1",y="2"} 1\n'), "line 1 is not a sample"],
  ["a redirect", {}, () => Response.redirect("http://127.0.0.1:1/", 302), "status 302"],
  ["no permission", {}, () => new Response("", { status: 401 }), "status 401"],
];
for (const [name, limits, answer, message] of REFUSALS)
  test(`${name} is told once with its reason, and up is 0`, async () => {
    const { batches, troubles, scraper } = scraping({ url: serve(answer), instance: "i", ...limits });
    const values = await first(batches, 2);
    expect([...values.keys()].toSorted()).toEqual([
      "scrape_duration_seconds{job=app,instance=i}",
      "scrape_samples_scraped{job=app,instance=i}",
      "up{job=app,instance=i}",
    ]);
    expect(values.get("up{job=app,instance=i}")).toBe(0);
    expect(troubles).toEqual([expect.stringContaining(message)]);
    expect(scraper.status()).toMatchObject({ up: 0, failing: [{ message: expect.stringContaining(message) }] });
  });

test("tokens and passwords are sent, and a hanging endpoint ends at its time-out", async () => {
  const seen: (string | null)[] = [];
  const url = serve((request) => {
    seen.push(request.headers.get("authorization"));
    return new Response("a 1\n");
  });
  await first(scraping({ url, bearerToken: "t0ken" }).batches);
  await first(scraping({ url, username: "u", password: "p" }).batches);
  expect(seen.slice(0, 2)).toEqual(["Bearer t0ken", `Basic ${btoa("u:p")}`]);
  const hanging = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  opened.push(() => hanging.stop(true));
  const { batches, troubles } = scraping({ url: `http://127.0.0.1:${hanging.port}/metrics`, timeoutMs: 200 });
  await first(batches);
  expect(troubles).toEqual([expect.stringContaining("no whole answer within 200 ms")]);
});
