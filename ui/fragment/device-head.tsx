import { Age } from "../component/age.tsx";
import { type Freshness, KnownState } from "../component/freshness.tsx";
import { type Severity, SeverityLabel } from "../component/severity.tsx";
import type { DeviceState } from "../component/status.tsx";

export interface DeviceHeadView {
  id: string;
  name: string;
  state: DeviceState;
  stateSince?: Date;
  fresh: Freshness;
  address: string;
  site: string;
  role: string;
  vendor: string;
  model: string;
  osVersion: string;
  serial: string;
  description: string;
  /** False once the collector's listing no longer names it. */
  configured: boolean;
  incidents: { id: string; number: number; title: string; severity: Severity }[];
  nowMs: number;
}

export function DeviceHead({ view }: { view: DeviceHeadView }) {
  const facts: [string, string][] = [
    ["Address", view.address],
    ["Site", view.site],
    ["Role", view.role],
    ["Vendor", view.vendor],
    ["Model", view.model],
    ["Software", view.osVersion],
    ["Serial", view.serial],
    ["Says of itself", view.description],
  ];
  return (
    <header class="device-head" id="device-head">
      <div class="page-head">
        <h1>{view.name}</h1>
        <KnownState state={view.state} fresh={view.fresh} />
        <p>
          {view.stateSince ? (
            <>
              for <Age at={view.stateSince} nowMs={view.nowMs} />
              {". "}
            </>
          ) : null}
          <LastSample view={view} />
        </p>
      </div>
      {view.configured ? null : <p class="warning">The collector's configuration no longer names this device.</p>}
      {view.incidents.length === 0 ? null : (
        <ul>
          {view.incidents.map((incident) => (
            <li class="open-incident">
              <SeverityLabel severity={incident.severity} />
              <span class="faint mono">INC-{incident.number}</span>
              <a href={`/incidents/${incident.id}`}>{incident.title}</a>
            </li>
          ))}
        </ul>
      )}
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === "" ? null : (
            <div class={name === "Says of itself" ? "wide-fact" : ""}>
              <dt>{name}</dt>
              <dd class={name === "Address" || name === "Serial" ? "mono" : ""}>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </header>
  );
}

function LastSample({ view: { fresh, nowMs } }: { view: DeviceHeadView }) {
  if (fresh.lastHeardAt === undefined) return <>Never polled.</>;
  const age = <Age at={fresh.lastHeardAt} nowMs={nowMs} />;
  if (fresh.bySample) return <>Last sample {age} ago.</>;
  return <>The collector last told of it {age} ago; the metrics store has no newer sample.</>;
}
