import { Icon } from "../component/icon.tsx";
import { DeviceTable, type DeviceTableView } from "../fragment/device-table.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export interface DeviceFilterView {
  state: string;
  site: string;
  search: string;
  sites: { name: string; title: string }[];
}

const STATES = [
  ["up", "up"],
  ["down", "down"],
  ["unknown", "not polled yet"],
] as const;

export function DevicesPage({
  shell,
  view,
  filter,
}: {
  shell: ShellView;
  view: DeviceTableView;
  filter: DeviceFilterView;
}) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Devices</h1>
      </div>
      <form class="filter" method="get" action="/devices" data-apply aria-label="Filter devices" role="search">
        <span class="search">
          <Icon name="search" />
          <input
            type="search"
            name="search"
            value={filter.search}
            placeholder="Name, address or model"
            aria-label="Search devices"
            maxlength={100}
          />
        </span>
        <label>
          State
          <select name="state">
            <option value="">any</option>
            {STATES.map(([value, label]) => (
              <option value={value} selected={value === filter.state}>
                {label}
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
      <DeviceTable view={view} />
    </Shell>
  );
}
