import { deviceDown, enrolFleet, moments } from "./fleet/fleet.ts";
import { rssOf } from "./fleet/usage.ts";
import { judged, type Report } from "./report.ts";
import { ScenarioSite } from "./site/site.ts";

const BACKLOG_EVENTS = 400;
const ALL_MS_MAX = 180_000;
const WELCOME_MS_MAX = 60_000;
const LIVE_MS_MAX = 30_000;
const RSS_GROWTH_MIB_MAX = 400;
const MIB = 1_048_576;

/** Every collector comes back in the same moment, each with a day's backlog and then an incident of now. */
export async function stormScenario(options: { clients: number; seed: number }): Promise<Report> {
  const site = await ScenarioSite.open({ seed: options.seed, eventsPerSecond: 0, samplesPerSecond: 0, devicesMax: 1 });
  try {
    const fleet = await enrolFleet(site, options.clients);
    for (const [i, client] of fleet.entries())
      client.add([...moments(BACKLOG_EVENTS, `sw-${i}`), deviceDown(`sw-${i}`)]);
    const rssBefore = rssOf(site.hub.pid);
    let rssMost = rssBefore;
    const from = performance.now();
    const welcomed: number[] = [];
    const live: number[] = [];
    for (const client of fleet) {
      client.onAck = (seq) => {
        if (client.streams === 1 && welcomed.length < fleet.length && seq === 0)
          welcomed.push(performance.now() - from);
        if (seq === client.lastSeq) live.push(performance.now() - from);
      };
      client.connect();
    }
    await site.until(
      "every backlog is stored",
      () => {
        rssMost = Math.max(rssMost, rssOf(site.hub.pid));
        return fleet.every((client) => client.ackedSeq === client.lastSeq);
      },
      ALL_MS_MAX,
    );
    const tookMs = performance.now() - from;
    const reconnects = fleet.reduce((sum, client) => sum + client.streams - 1, 0);
    for (const client of fleet) client.close();
    const events = options.clients * (BACKLOG_EVENTS + 1);
    const growth = (rssMost - rssBefore) / MIB;
    return judged("storm", [
      { subject: "storm", metric: "collectors", value: options.clients, unit: "" },
      { subject: "storm", metric: "events waiting", value: events, unit: "" },
      {
        subject: "streams",
        metric: "last one welcomed after",
        value: ms(welcomed),
        unit: "ms",
        atMost: WELCOME_MS_MAX,
      },
      { subject: "streams", metric: "lost and opened again", value: reconnects, unit: "" },
      { subject: "incidents", metric: "last live one stored after", value: ms(live), unit: "ms", atMost: LIVE_MS_MAX },
      { subject: "events", metric: "stored a second", value: Math.round(events / (tookMs / 1_000)), unit: "/s" },
      { subject: "hub", metric: "memory before", value: Math.round(rssBefore / MIB), unit: "MiB" },
      {
        subject: "hub",
        metric: "memory added at most",
        value: Math.round(growth),
        unit: "MiB",
        atMost: RSS_GROWTH_MIB_MAX,
      },
    ]);
  } finally {
    await site.close();
  }
}

function ms(times: number[]): number {
  return Math.round(Math.max(0, ...times));
}
