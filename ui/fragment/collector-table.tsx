import { Age } from "../component/age.tsx";
import { Empty } from "../component/empty.tsx";
import { Icon } from "../component/icon.tsx";
import { count } from "../component/quantity.ts";
import { type CollectorStatus, CollectorStatusLabel } from "../component/status.tsx";

export interface CollectorRowView {
  id: string;
  name: string;
  site: string;
  status: CollectorStatus;
  version: string;
  lastSeenAt?: Date;
  clockOffsetMs?: number;
  samplesPending?: number;
  eventsPending?: number;
  certificateNotAfter: Date;
  config: CollectorConfigView;
  /** Names of scripts that its own file allows. */
  allowedScripts: string[];
  devices: number;
}

export interface CollectorConfigView {
  /** "version 3", "its own file" */
  inForce: string;
  /** Pushed, and not answered yet. */
  waiting?: number;
  refused?: { version: number; reason: string };
}

/** Above this a site's clock is worth a word: events would be sorted wrongly by a reader. */
const CLOCK_OFFSET_WORRY_MS = 2_000;
const SCRIPTS_SHOWN_MAX = 4;

export interface CollectorTableProps {
  rows: CollectorRowView[];
  nowMs: number;
  /** Only what tells whether it is well: for a page that is about something else. */
  brief?: boolean;
}

export function CollectorTable({ rows, nowMs, brief }: CollectorTableProps) {
  return (
    <div id="collector-table">
      {rows.length === 0 ? (
        <Empty
          icon="radio-tower"
          title="No collector yet"
          command="WATCHPOST_TOKEN=wp1.… collector run --config collector.yaml"
        >
          A collector stands at a site and polls its devices. <a href="/sites/add">Add a site</a> to get its token,
          then:
        </Empty>
      ) : (
        <div class="table-wrap" tabindex={0} role="group" aria-label="Collectors">
          <table>
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Collector</th>
                <th scope="col">Site</th>
                <th scope="col" class="number">
                  Devices
                </th>
                <th scope="col">Last heard</th>
                <th scope="col" class="number">
                  Samples waiting
                </th>
                <th scope="col" class="number">
                  Events waiting
                </th>
                <th scope="col" class="number">
                  Clock offset
                </th>
                {brief ? null : (
                  <>
                    <th scope="col">Version</th>
                    <th scope="col">Configuration</th>
                    <th scope="col">Scripts allowed</th>
                    <th scope="col">Certificate until</th>
                  </>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <CollectorRow row={row} nowMs={nowMs} brief={brief === true} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function CollectorRow({ row, nowMs, brief }: { row: CollectorRowView; nowMs: number; brief: boolean }) {
  return (
    <tr id={`collector-${row.id}`}>
      <td>
        <CollectorStatusLabel status={row.status} />
      </td>
      <td>{row.name}</td>
      <td class="muted">{row.site}</td>
      <td class="number">{row.devices}</td>
      <td class="muted">{row.lastSeenAt ? <Age at={row.lastSeenAt} nowMs={nowMs} /> : "never"}</td>
      <td class="number">{row.samplesPending === undefined ? "" : count(row.samplesPending)}</td>
      <td class="number">{row.eventsPending === undefined ? "" : count(row.eventsPending)}</td>
      <td class={clockWorries(row) ? "number warning" : "number muted"}>{offsetText(row.clockOffsetMs)}</td>
      {brief ? null : (
        <>
          <td class="mono muted">{row.version}</td>
          <td class="muted">
            <Configuration config={row.config} />
          </td>
          <td class="muted scripts-allowed">
            {row.allowedScripts.length === 0 ? "none" : row.allowedScripts.slice(0, SCRIPTS_SHOWN_MAX).join(", ")}
            {row.allowedScripts.length > SCRIPTS_SHOWN_MAX
              ? ` and ${row.allowedScripts.length - SCRIPTS_SHOWN_MAX} more`
              : ""}
          </td>
          <td class="muted">{row.certificateNotAfter.toISOString().slice(0, 10)}</td>
        </>
      )}
    </tr>
  );
}

function Configuration({ config }: { config: CollectorConfigView }) {
  return (
    <>
      {config.inForce}
      {config.waiting === undefined ? null : <span class="info">, version {config.waiting} on its way</span>}
      {config.refused === undefined ? null : (
        <p class="refusal">
          <span class="label error">
            <Icon name="circle-alert" />
            Version {config.refused.version} refused
          </span>{" "}
          {config.refused.reason}
        </p>
      )}
    </>
  );
}

function clockWorries(row: CollectorRowView): boolean {
  return row.clockOffsetMs !== undefined && Math.abs(row.clockOffsetMs) > CLOCK_OFFSET_WORRY_MS;
}

function offsetText(offsetMs: number | undefined): string {
  if (offsetMs === undefined) return "";
  const sign = offsetMs < 0 ? "−" : "+";
  const size = Math.abs(offsetMs);
  return size < 1000 ? `${sign}${size} ms` : `${sign}${(size / 1000).toFixed(1)} s`;
}
