import { Age } from "../component/age.tsx";
import { type DeviceCounts, StateBar } from "../component/bar.tsx";
import { plural } from "../component/quantity.ts";
import { type CollectorStatus, CollectorStatusLabel } from "../component/status.tsx";
import { NoSites } from "./overview.tsx";

export interface SiteRowView {
  id: string;
  name: string;
  title: string;
  devices: DeviceCounts;
  openIncidents: number;
  collectors: { status: CollectorStatus; lastSeenAt?: Date }[];
}

/** One row a site: is it there, what is down, is its collector talking. */
export function SiteTable({ sites, nowMs }: { sites: SiteRowView[]; nowMs: number }) {
  return (
    <div id="site-table">
      {sites.length === 0 ? (
        <NoSites />
      ) : (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th scope="col">Site</th>
                <th scope="col">Devices</th>
                <th scope="col">State</th>
                <th scope="col">Incidents</th>
                <th scope="col">Collector</th>
                <th scope="col">Last heard</th>
              </tr>
            </thead>
            <tbody>
              {sites.map((site) => (
                <SiteRow site={site} nowMs={nowMs} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function SiteRow({ site, nowMs }: { site: SiteRowView; nowMs: number }) {
  const collector = site.collectors[0];
  const total = site.devices.up + site.devices.down + site.devices.unknown;
  return (
    <tr id={`site-${site.id}`} data-row>
      <td>
        <a href={`/devices?site=${encodeURIComponent(site.name)}`}>{site.title}</a>{" "}
        <span class="faint mono">{site.name}</span>
      </td>
      <td class="bar-cell">
        <StateBar counts={site.devices} />
      </td>
      <td>
        {site.devices.up} of {plural(total, "device")} up
        {site.devices.down > 0 ? <span class="critical">, {site.devices.down} down</span> : null}
      </td>
      <td>
        {site.openIncidents === 0 ? (
          <span class="muted">none</span>
        ) : (
          <a href={`/incidents?site=${encodeURIComponent(site.name)}`}>{plural(site.openIncidents, "open incident")}</a>
        )}
      </td>
      <td>
        {collector ? (
          <CollectorStatusLabel status={collector.status} />
        ) : (
          <a href={`/sites/add?site=${encodeURIComponent(site.name)}`}>Enrol a collector</a>
        )}
      </td>
      <td class="muted">{collector?.lastSeenAt ? <Age at={collector.lastSeenAt} nowMs={nowMs} /> : ""}</td>
    </tr>
  );
}
