import { afterEach, expect, test } from "bun:test";
import { createSnmpEngine } from "../device/snmp/index.ts";
import { problemsOf, type StatusServer, type StatusView, startStatusServer } from "./index.ts";

const servers: StatusServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

function healthy(change: Partial<StatusView> = {}): StatusView {
  const device = {
    name: "sw1",
    address: "10.0.0.1",
    role: "core",
    polledAtMs: 1_990_000,
    durationMs: 41,
    requests: 3,
    error: "",
  };
  return {
    version: "0.1.0",
    name: "harbor-1",
    startedAtMs: 1_000_000,
    nowMs: 2_000_000,
    enrolment: { state: "enrolled", site: "harbor", collectorId: "c1", certificateEndsMs: 9e12 },
    link: { state: "streaming", isUp: true, hub: "127.0.0.1:9443", message: "", clockOffsetMs: 12 },
    config: { source: "local file", version: 0, problem: "" },
    samples: { pending: 0, bytes: 0, bytesMax: 100, sentTo: "https://hub", lastError: "" },
    events: { pending: 0, bytes: 0, bytesMax: 100 },
    polls: { total: 10, inFlight: 0, waiting: 0, overruns: 0, crowded: 0, latestMs: 40 },
    snmp: null,
    devices: [{ ...device, state: "up" }],
    firing: [],
    model: null,
    messages: null,
    ...change,
  };
}

function serve(view: StatusView): string {
  const server = startStatusServer({ address: "127.0.0.1", port: 0, view: () => view });
  servers.push(server);
  return server.url;
}

test("a healthy collector has no problems and says so", async () => {
  expect(problemsOf(healthy())).toEqual([]);
  const page = await (await fetch(serve(healthy()))).text();
  expect(page).toContain("All is well.");
  expect(page).toContain("site harbor, collector c1");
});

test("each thing that is wrong is one sentence, the most basic first", () => {
  const [device] = healthy().devices;
  const view = healthy({
    enrolment: { state: "not enrolled", message: "the token has expired. Make a new one at the hub." },
    link: { state: "enrolling", isUp: false, hub: "", message: "", clockOffsetMs: -90_000 },
    samples: {
      pending: 5,
      bytes: 90,
      bytesMax: 100,
      sentTo: "https://hub/api/v1/write",
      lastError: "connection refused",
    },
    devices: device ? [{ ...device, state: "down", error: "no answer in 3 tries" }] : [],
  });
  expect(problemsOf(view)).toEqual([
    "This collector is not enrolled: the token has expired. Make a new one at the hub.",
    "The clock here is 90 s ahead of the hub's: set up NTP, or charts will not line up.".replace("90 s", "2 min"),
    "The disk budget for samples is 90 % full; beyond 100 % the oldest are given up and told as a gap.",
    "Samples are kept here, https://hub/api/v1/write does not take them: connection refused",
    "1 of 1 devices cannot be read: sw1",
  ]);
});

test("polls that begin late are a problem, with what was missed for it", () => {
  const polls = { total: 10, inFlight: 200, waiting: 812, overruns: 0, crowded: 7, latestMs: 75_000 };
  expect(problemsOf(healthy({ polls }))).toEqual([
    "Polls begin up to 75 s late, 812 devices wait: raise poll.inFlightMax or poll.intervalMs, or give devices to another collector. 7 turns were missed for that since the start.",
  ]);
});

test("a lost link and a certificate about to end are named", () => {
  const enrolment = {
    state: "enrolled",
    site: "harbor",
    collectorId: "c1",
    certificateEndsMs: 2_000_000 + 3_600_000,
  } as const;
  const link = {
    state: "disconnected" as const,
    isUp: false,
    hub: "hub:1",
    message: "connection refused, next try in 4 s",
    clockOffsetMs: null,
  };
  expect(problemsOf(healthy({ enrolment, link }))).toEqual([
    "The certificate of this collector ends in 60 min and was not renewed.",
    "The link to the hub is disconnected: connection refused, next try in 4 s",
  ]);
});

test("text from devices is never markup, and no script may run", async () => {
  const attack = "<script>alert(1)</script>\"'&";
  const device = {
    name: attack,
    address: attack,
    role: "",
    state: "down",
    polledAtMs: 1,
    durationMs: 1,
    requests: 1,
    error: attack,
  } as const;
  const firing = [{ fingerprint: "f", severity: "error", sinceMs: 1, summary: attack }];
  const response = await fetch(serve(healthy({ name: attack, devices: [device], firing })));
  const page = await response.text();
  expect(page).not.toContain("<script");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;");
  expect(response.headers.get("content-security-policy")).toStartWith("default-src 'none'; style-src 'sha256-");
});

test("status.json has the view and its problems", async () => {
  const body: unknown = await (await fetch(`${serve(healthy())}/status.json`)).json();
  expect(body).toMatchObject({ problems: [], name: "harbor-1", devices: [{ name: "sw1", state: "up" }] });
});

test("metrics are Prometheus text, with label values escaped", async () => {
  const text = await (await fetch(`${serve(healthy({ name: 'a"b\n' }))}/metrics`)).text();
  expect(text).toContain('watchpost_collector_devices{state="up"} 1');
  expect(text).toContain('name="a\\"b\\n"');
  expect(text).toContain("watchpost_collector_link_up 1");
  expect(text).toMatch(/watchpost_collector_cpu_seconds_total [\d.]+/);
});

test("bad SNMP replies are counted apart, in the metrics and on the page", async () => {
  const engine = createSnmpEngine();
  engine.close();
  const snmp = { ...engine.counters, matched: 900, malformed: 4, wrongSource: 3, late: 2, unauthentic: 1 };
  const url = serve(healthy({ snmp }));
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toContain('watchpost_collector_snmp_datagrams_total{outcome="malformed"} 4');
  expect(text).toContain('watchpost_collector_snmp_datagrams_total{outcome="wrong-source"} 3');
  expect(text).toContain('watchpost_collector_snmp_events_total{event="timeout"} 0');
  expect(await (await fetch(url)).text()).toContain("900 taken; refused: 4 malformed, 3 from a wrong address, 2 late");
});

test("health, an unknown page, a write and a foreign name each get their answer", async () => {
  const url = serve(healthy());
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  expect((await fetch(`${url}/nope`)).status).toBe(404);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
  expect((await fetch(url, { headers: { host: "evil.example" } })).status).toBe(421);
});

test("a port that another program has is named with its key", () => {
  const port = Number(new URL(serve(healthy())).port);
  expect(() => startStatusServer({ address: "127.0.0.1", port, view: healthy })).toThrow(
    `The status page cannot be served on 127.0.0.1 port ${port} (status.port in collector.yaml): another program`,
  );
});
