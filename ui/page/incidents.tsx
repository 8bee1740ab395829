import { Icon } from "../component/icon.tsx";
import { IncidentList, type IncidentListView } from "../fragment/incident-list.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export interface IncidentFilterView {
  /** "open" or a status. */
  status: string;
  severity: string;
  site: string;
  search: string;
  sites: { name: string; title: string }[];
  /** Links that keep the other filters. */
  statuses: { value: string; label: string; href: string }[];
}

const SEVERITIES = ["critical", "error", "warning", "info"] as const;

export function IncidentsPage(props: {
  shell: ShellView;
  view: IncidentListView;
  filter: IncidentFilterView;
  mayChange: boolean;
}) {
  return (
    <Shell view={props.shell}>
      <div class="page-head">
        <h1>Incidents</h1>
      </div>
      <Filter filter={props.filter} />
      <div class="incidents">
        <IncidentList view={props.view} />
        {props.mayChange ? <Bulk /> : null}
      </div>
    </Shell>
  );
}

function Filter({ filter }: { filter: IncidentFilterView }) {
  return (
    <form class="filter" method="get" action="/incidents" data-apply aria-label="Filter incidents" role="search">
      <nav class="segmented" aria-label="State">
        {filter.statuses.map((status) => (
          <a href={status.href} aria-current={status.value === filter.status ? "page" : undefined}>
            {status.label}
          </a>
        ))}
      </nav>
      <input type="hidden" name="status" value={filter.status} />
      <span class="search">
        <Icon name="search" />
        <input
          type="search"
          name="search"
          value={filter.search}
          placeholder="Search title or INC-42"
          aria-label="Search incidents"
          maxlength={100}
        />
      </span>
      <label>
        Severity
        <select name="severity">
          <option value="">any</option>
          {SEVERITIES.map((severity) => (
            <option value={severity} selected={severity === filter.severity}>
              {severity}
            </option>
          ))}
        </select>
      </label>
      <label>
        Site
        <select name="site">
          <option value="">any</option>
          {filter.sites.map((site) => (
            <option value={site.name} selected={site.name === filter.site}>
              {site.title}
            </option>
          ))}
        </select>
      </label>
      <button class="button quiet" type="submit">
        Apply
      </button>
    </form>
  );
}

/** Appears with the first selected row. */
function Bulk() {
  return (
    <form
      class="bulk"
      id="bulk"
      method="post"
      action="/incidents/acknowledge"
      hx-post="/incidents/acknowledge"
      hx-swap="none"
    >
      <span class="muted">With the selected incidents</span>
      <button class="button primary" type="submit">
        <Icon name="hand" />
        Acknowledge
      </button>
    </form>
  );
}
