import { SEVERITY_NAMES } from "../rule/index.ts";
import type { LinkView, ModelView, StatusView } from "../status/index.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";
import type { Enrolment } from "./enrolment.ts";
import type { Flow } from "./flow.ts";
import type { Listening } from "./listening.ts";
import type { HubSide } from "./hub-side.ts";
import type { SiteInForce } from "./site-in-force.ts";
import type { Stores } from "./stores.ts";

const NO_LINK: LinkView = { state: "enrolling", isUp: false, hub: "", message: "not enrolled", clockOffsetMs: null };

export interface Parts extends Context {
  startedAtMs: number;
  stores: Stores | undefined;
  site: SiteInForce | undefined;
  flow: Flow | undefined;
  listening: Listening | undefined;
  enrolment: Enrolment | undefined;
  hub: HubSide | undefined;
}

/** Asks every part how it is; parts that are not there yet are said to be so. */
export function gatherView(parts: Parts): StatusView {
  const { config, clock, stores, site, flow, hub } = parts;
  const { link, sentTo, lastError } = hub?.view() ?? { link: NO_LINK, sentTo: "nowhere yet", lastError: "" };
  const spool = stores?.spool.pending() ?? { samples: 0, bytes: 0 };
  const outbox = stores?.outbox.pending() ?? { events: 0, bytes: 0 };
  const { samplesBytesMax, eventsBytesMax } = config.spool;
  const version = site?.version() ?? 0;
  const polls = flow?.poller.stats;
  return {
    version: VERSION,
    name: config.name,
    startedAtMs: parts.startedAtMs,
    nowMs: clock.nowMs(),
    enrolment: parts.enrolment?.view() ?? { state: "not enrolled", message: "enrolling now." },
    link,
    config: { source: version > 0 ? "hub" : "local file", version, problem: site?.problem() ?? "" },
    samples: { pending: spool.samples, bytes: spool.bytes, bytesMax: samplesBytesMax, sentTo, lastError },
    events: { pending: outbox.events, bytes: outbox.bytes, bytesMax: eventsBytesMax },
    polls: {
      total: polls?.polls ?? 0,
      inFlight: polls?.inFlight ?? 0,
      waiting: polls?.waiting ?? 0,
      overruns: polls?.overruns ?? 0,
      crowded: polls?.crowded ?? 0,
      latestMs: polls?.latestMs ?? 0,
    },
    snmp: polls?.snmp ?? null,
    devices: flow?.board.view() ?? [],
    messages: parts.listening?.view() ?? null,
    firing: firingOf(flow),
    model: modelOf(parts),
  };
}

function firingOf(flow: Flow | undefined): StatusView["firing"] {
  const open = flow?.judgement.rules.firing() ?? [];
  return open
    .toSorted((a, b) => b.severity - a.severity || a.sinceMs - b.sinceMs)
    .map(({ fingerprint, severity, sinceMs, summary }) => ({
      fingerprint,
      severity: SEVERITY_NAMES[severity],
      sinceMs,
      summary,
    }));
}

function modelOf({ config, flow }: Parts): ModelView | null {
  const stats = flow?.judgement.enrichment?.stats();
  return stats && config.ollama ? { name: config.ollama.model, ...stats } : null;
}
