import { Filter, FilterChoice, FilterSite } from "../component/filter.tsx";
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

const SEVERITIES = [
  ["critical", "critical"],
  ["error", "error"],
  ["warning", "warning"],
  ["info", "info"],
] as const;

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
      <IncidentFilter filter={props.filter} />
      <div class="incidents">
        <IncidentList view={props.view} />
        {props.mayChange ? <Bulk /> : null}
      </div>
    </Shell>
  );
}

function IncidentFilter({ filter }: { filter: IncidentFilterView }) {
  return (
    <Filter
      action="/incidents"
      what="incidents"
      search={filter.search}
      placeholder="Search title or INC-42"
      lead={
        <>
          <nav class="segmented" aria-label="State">
            {filter.statuses.map((status) => (
              <a href={status.href} aria-current={status.value === filter.status ? "page" : undefined}>
                {status.label}
              </a>
            ))}
          </nav>
          <input type="hidden" name="status" value={filter.status} />
        </>
      }
    >
      <FilterChoice label="Severity" name="severity" value={filter.severity} options={SEVERITIES} />
      <FilterSite value={filter.site} sites={filter.sites} />
    </Filter>
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
