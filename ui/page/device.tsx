import { Notice } from "../component/notice.tsx";
import { DeviceHead, type DeviceHeadView } from "../fragment/device-head.tsx";
import { Health, type HealthView } from "../fragment/health.tsx";
import { InterfaceTable, type InterfaceTableView } from "../fragment/interface-table.tsx";
import { NeighbourTable, type NeighbourView } from "../fragment/neighbour-table.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export const RANGES = ["1h", "6h", "24h", "7d"] as const;
export type Range = (typeof RANGES)[number];

export interface TrafficView {
  deviceId: string;
  /** Undefined when the device has no interface yet. */
  interface?: { index: number; name: string };
  range: Range;
  /** Why there is nothing to draw. */
  problem?: string;
}

export interface DeviceView {
  head: DeviceHeadView;
  traffic: TrafficView;
  health: HealthView;
  interfaces: InterfaceTableView;
  neighbours: NeighbourView[];
}

export function DevicePage({ shell, view }: { shell: ShellView; view: DeviceView }) {
  return (
    <Shell view={shell}>
      <DeviceHead view={view.head} />
      <Traffic view={view.traffic} />
      <Health view={view.health} />
      <InterfaceTable view={view.interfaces} />
      <NeighbourTable neighbours={view.neighbours} />
    </Shell>
  );
}

function Traffic({ view }: { view: TrafficView }) {
  if (view.problem !== undefined) {
    return (
      <div class="section">
        <Notice tone="warning">{view.problem}</Notice>
      </div>
    );
  }
  if (view.interface === undefined) return null;
  const { index, name } = view.interface;
  return (
    <section class="section chart" aria-labelledby="traffic-title">
      <div class="chart-head">
        <h2 id="traffic-title">
          Traffic <span class="mono">{name}</span>
        </h2>
        <nav class="segmented" aria-label="Range">
          {RANGES.map((range) => (
            <a
              href={`/devices/${view.deviceId}?interface=${index}&range=${range}`}
              aria-current={range === view.range ? "page" : undefined}
            >
              {range}
            </a>
          ))}
        </nav>
      </div>
      <div
        class="chart-frame"
        role="img"
        aria-label={`Traffic in and out of ${name} over the last ${view.range}`}
        data-chart={`/devices/${view.deviceId}/traffic?interface=${index}&range=${view.range}`}
      />
      <p class="chart-legend">
        <span>
          <span class="swatch" />
          In <span class="mono" data-in />
        </span>
        <span>
          <span class="swatch out" />
          Out <span class="mono" data-out />
        </span>
        <span>
          <span class="swatch mark" />
          Incident of this device
        </span>
        <span class="faint" data-at />
      </p>
    </section>
  );
}
