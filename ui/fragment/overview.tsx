import { Age } from "../component/age.tsx";
import { type DeviceCounts, StateBar } from "../component/bar.tsx";
import { Empty } from "../component/empty.tsx";
import { Icon } from "../component/icon.tsx";
import { plural } from "../component/quantity.ts";
import { CompactIncidentRow, type IncidentRowView } from "./incident-row.tsx";

export interface BurningView {
  rows: IncidentRowView[];
  more: number;
  /** Open incidents that nobody has taken, and those that somebody has. */
  waiting: number;
  inHand: number;
  devices: DeviceCounts;
  nowMs: number;
}

/** One sentence that says whether a person is needed, then what burns. */
export function Burning({ view }: { view: BurningView }) {
  return (
    <section id="overview-burning" aria-labelledby="burning-title">
      <div class="page-head">
        <h1 class="headline" id="burning-title">
          {personSentence(view)} <span class="muted">{deviceSentence(view.devices)}</span>
        </h1>
      </div>
      {view.rows.length === 0 ? null : (
        <ul class="incident-list">
          {view.rows.map((row) => (
            <CompactIncidentRow view={row} nowMs={view.nowMs} />
          ))}
        </ul>
      )}
      {view.more > 0 ? (
        <p>
          <a href="/incidents">{plural(view.more, "more open incident")}</a>
        </p>
      ) : null}
    </section>
  );
}

function personSentence({ waiting, inHand }: BurningView): string {
  const hand = inHand === 0 ? "" : ` ${plural(inHand, "incident")} ${inHand === 1 ? "is" : "are"} in hand.`;
  if (waiting === 0) return inHand === 0 ? "All quiet." : hand.trim();
  return `${plural(waiting, "incident")} need${waiting === 1 ? "s" : ""} a person.${hand}`;
}

function deviceSentence(devices: DeviceCounts): string {
  const known = devices.up + devices.down + devices.unknown;
  if (known === 0) return "No device is watched yet.";
  if (devices.up === known) return `All ${plural(known, "device")} are up.`;
  return `${devices.up} of ${plural(known, "device")} are up.`;
}

export function DeviceSummary({ counts }: { counts: DeviceCounts }) {
  return (
    <section class="section" id="overview-devices" aria-labelledby="devices-title">
      <div class="section-head">
        <h2 id="devices-title">Devices</h2>
        <a href="/devices">All devices</a>
      </div>
      <StateBar counts={counts} />
      <p class="counts">
        <a class="label" href="/devices?state=up">
          <Icon name="circle-check" class="ok" /> <b>{counts.up}</b> up
        </a>
        <a class="label" href="/devices?state=down">
          <Icon name="circle-x" class="critical" /> <b>{counts.down}</b> down
        </a>
        <a class="label" href="/devices?state=unknown">
          <Icon name="circle-question" class="muted" /> <b>{counts.unknown}</b> not polled yet
        </a>
      </p>
    </section>
  );
}

export interface InsightLineView {
  incidentId: string;
  number: number;
  title: string;
  text: string;
  at: Date;
}

export function NewestInsights({ insights, nowMs }: { insights: InsightLineView[]; nowMs: number }) {
  return (
    <section class="assistant section" id="overview-insights" aria-labelledby="insights-title">
      <div class="assistant-head">
        <Icon name="sparkles" />
        <h2 id="insights-title">Newest insights</h2>
      </div>
      {insights.length === 0 ? <p class="impact">Every new incident is analysed; what was found stands here.</p> : null}
      <ul class="insights">
        {insights.map((insight) => (
          <li>
            <a href={`/incidents/${insight.incidentId}`}>{insight.title}</a>
            <p class="muted">{insight.text}</p>
            <p class="when">
              INC-{insight.number}, <Age at={insight.at} nowMs={nowMs} /> ago
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function NoSites() {
  return (
    <Empty icon="map-pin" title="No site yet" command="hub token create --site harbor">
      A site is a place with devices and one collector. <a href="/sites/add">Add the first one</a>, or in a terminal:
    </Empty>
  );
}
