import { Empty } from "../component/empty.tsx";
import { type Freshness, KnownState, LastHeard } from "../component/freshness.tsx";
import type { DeviceState } from "../component/status.tsx";

export interface DeviceRowView {
  id: string;
  name: string;
  address: string;
  role: string;
  /** "Acme S4800" or what the device says of itself. */
  product: string;
  site: string;
  state: DeviceState;
  fresh: Freshness;
}

export interface DeviceTableView {
  rows: DeviceRowView[];
  /** More match than are shown. */
  hasMore: boolean;
  filtered: boolean;
  nowMs: number;
}

export function DeviceTable({ view }: { view: DeviceTableView }) {
  return (
    <div id="device-table">
      {view.rows.length === 0 ? <NoDevices filtered={view.filtered} /> : <Table view={view} />}
      {view.hasMore ? <p class="faint">More devices match. Search, or narrow the filter.</p> : null}
    </div>
  );
}

function Table({ view }: { view: DeviceTableView }) {
  return (
    <div class="table-wrap">
      <table>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Device</th>
            <th scope="col">Address</th>
            <th scope="col">Role</th>
            <th scope="col">Vendor and model</th>
            <th scope="col">Site</th>
            <th scope="col">Last sample</th>
          </tr>
        </thead>
        <tbody>
          {view.rows.map((device) => (
            <tr id={`device-${device.id}`} data-row>
              <td>
                <KnownState state={device.state} fresh={device.fresh} />
              </td>
              <td>
                <a href={`/devices/${device.id}`}>{device.name}</a>
              </td>
              <td class="mono">{device.address}</td>
              <td class="muted">{device.role}</td>
              <td class="muted wide" title={device.product}>
                {device.product}
              </td>
              <td class="muted">{device.site}</td>
              <td class="muted">
                <LastHeard fresh={device.fresh} nowMs={view.nowMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoDevices({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty icon="server" title="No device matches">
        Search takes a part of a name, an address or a model. <a href="/devices">Show all devices</a>.
      </Empty>
    );
  }
  return (
    <Empty icon="server" title="No device is watched yet" command="collector check-config collector.yaml">
      Devices come from the collector's configuration: list them under <code>devices</code>, check the file, restart.
    </Empty>
  );
}
