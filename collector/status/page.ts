import { formatDuration } from "../rule/index.ts";
import { Html, html } from "./html.ts";
import { problemsOf } from "./problem.ts";
import type { DeviceView, FiringView, StatusView } from "./view.ts";

const DEVICES_SHOWN_MAX = 500;
const FIRING_SHOWN_MAX = 200;
const REFRESH_S = 5;

export const STYLE = `
:root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem}h2{font-size:1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top;border-bottom:1px solid #8884}
td{font-variant-numeric:tabular-nums}
.problem{border-left:4px solid #d33;padding:.25rem .75rem;margin:.5rem 0}
.well{border-left:4px solid #393;padding:.25rem .75rem}
`;

/** One page for whoever stands before the machine: what is wrong first, then everything else. */
export function renderPage(view: StatusView): string {
  const problems = problemsOf(view).map((problem) => html`<p class="problem">${problem}</p>`);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${REFRESH_S}">
<meta name="viewport" content="width=device-width"><title>${view.name} · Watchpost collector</title>
<style>${new Html(STYLE)}</style></head><body>
<h1>Watchpost collector ${view.name}</h1>
<main>${problems.length > 0 ? problems : html`<p class="well">All is well.</p>`}
<h2>This collector</h2>${summary(view)}
<h2>Open events (${view.firing.length})</h2>${firing(view.firing, view.nowMs)}
<h2>Devices (${view.devices.length})</h2>${devices(view.devices, view.nowMs)}
</main></body></html>
`;
  return page.text;
}

function summary(view: StatusView): Html {
  const { enrolment, link, samples, events, model } = view;
  const offset = link.clockOffsetMs === null ? "not known yet" : `${Math.round(link.clockOffsetMs)} ms`;
  const rows: [string, string][] = [
    ["Version", `${view.version}, running for ${formatDuration(view.nowMs - view.startedAtMs)}`],
    [
      "Enrolment",
      enrolment.state === "enrolled" ? `site ${enrolment.site}, collector ${enrolment.collectorId}` : enrolment.state,
    ],
    ["Link", `${link.state}${link.hub === "" ? "" : ` (${link.hub})`}`],
    ["Hub clock minus ours", offset],
    [
      "Configuration",
      view.config.source === "hub" ? `version ${view.config.version} from the hub` : view.config.source,
    ],
    ["Samples waiting", `${samples.pending} (${megabytes(samples.bytes)} of ${megabytes(samples.bytesMax)})`],
    ["Events waiting", `${events.pending} (${megabytes(events.bytes)} of ${megabytes(events.bytesMax)})`],
    ["SNMP replies", replies(view.snmp)],
    ["Polls", polls(view.polls)],
    [
      "Local model",
      model === null
        ? "none; verdicts come from rules"
        : `${model.name}: ${model.answered} answers, ${model.failed} failures`,
    ],
  ];
  return html`<table>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;
}

function polls({ total, inFlight, waiting, overruns, crowded, latestMs }: StatusView["polls"]): string {
  const late = `the latest of the last minute began ${formatDuration(latestMs)} late`;
  return `${total} done, ${inFlight} under way, ${waiting} waiting; turns missed: ${overruns} by slow devices, ${crowded} for want of room; ${late}`;
}

function replies(snmp: StatusView["snmp"]): string {
  if (snmp === null) return "none yet";
  const { matched, malformed, wrongSource, late, unknownId, unauthentic } = snmp;
  return `${matched} taken; refused: ${malformed} malformed, ${wrongSource} from a wrong address, ${late} late, ${unknownId} never asked for, ${unauthentic} unauthentic`;
}

function firing(events: readonly FiringView[], nowMs: number): Html {
  if (events.length === 0) return html`<p>None.</p>`;
  const rows = events
    .slice(0, FIRING_SHOWN_MAX)
    .map(
      (e) => html`<tr><td>${e.severity}</td><td>${e.summary}</td><td>${formatDuration(nowMs - e.sinceMs)}</td></tr>`,
    );
  return html`<table><tr><th scope="col">Severity</th><th scope="col">What</th><th scope="col">For</th></tr>${rows}</table>`;
}

function devices(all: readonly DeviceView[], nowMs: number): Html {
  const worstFirst = all.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const rows = worstFirst.slice(0, DEVICES_SHOWN_MAX).map((device) => {
    const polled = device.polledAtMs === null ? "not yet" : `${formatDuration(nowMs - device.polledAtMs)} ago`;
    const took = device.polledAtMs === null ? "" : `${Math.round(device.durationMs)} ms, ${device.requests} requests`;
    return html`<tr><td>${device.name}</td><td>${device.address}</td><td>${device.state}</td><td>${polled}</td><td>${device.error === "" ? took : device.error}</td></tr>`;
  });
  const hidden = all.length - rows.length;
  const more = hidden > 0 ? html`<p>${hidden} more; all are in <a href="/status.json">status.json</a>.</p>` : html``;
  return html`<table><tr><th scope="col">Name</th><th scope="col">Address</th><th scope="col">State</th><th scope="col">Last poll</th><th scope="col">Result</th></tr>${rows}</table>${more}`;
}

function rank(device: DeviceView): number {
  return device.state === "down" ? 0 : device.state === "unknown" ? 1 : 2;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
