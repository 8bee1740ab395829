import { Filter, FilterChoice, FilterSite } from "../component/filter.tsx";
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
      <Filter action="/devices" what="devices" search={filter.search} placeholder="Name, address or model">
        <FilterChoice label="State" name="state" value={filter.state} options={STATES} />
        <FilterSite value={filter.site} sites={filter.sites} />
      </Filter>
      <DeviceTable view={view} />
    </Shell>
  );
}
