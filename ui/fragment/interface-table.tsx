import { Empty } from "../component/empty.tsx";
import { bitRate, count, percent, plural } from "../component/quantity.ts";
import { LinkStateLabel } from "../component/status.tsx";

export interface InterfaceRowView {
  /** ifIndex: what the URL of its chart holds. */
  index: number;
  name: string;
  alias: string;
  adminStatus: number;
  operStatus: number;
  speedBps: number;
  /** Undefined when the metrics store has no fresh samples. */
  inBps?: number;
  outBps?: number;
  errorsPerS?: number;
}

export interface InterfaceTableView {
  deviceId: string;
  rows: InterfaceRowView[];
  more: number;
  /** ifIndex of the interface whose traffic is drawn above. */
  chosen?: number;
}

export function InterfaceTable({ view }: { view: InterfaceTableView }) {
  return (
    <section class="section" id="interface-table" aria-labelledby="interfaces-title">
      <div class="section-head">
        <h2 id="interfaces-title">Interfaces</h2>
        <span class="note faint">{plural(view.rows.length + view.more, "interface")}</span>
      </div>
      {view.rows.length === 0 ? (
        <Empty
          icon="cable"
          title="No interface read yet"
          command="collector once --config collector.yaml --device NAME --explain"
        >
          The first full poll brings them. To poll a device by hand and see what it answers:
        </Empty>
      ) : (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">Interface</th>
                <th scope="col">Description</th>
                <Figures names={["Speed", "In", "Out", "Use", "Errors/s"]} />
              </tr>
            </thead>
            <tbody>
              {view.rows.map((row) => (
                <InterfaceRow row={row} deviceId={view.deviceId} chosen={row.index === view.chosen} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {view.more > 0 ? <p class="faint">{plural(view.more, "more interface")} not shown.</p> : null}
    </section>
  );
}

function Figures({ names }: { names: string[] }) {
  return (
    <>
      {names.map((name) => (
        <th scope="col" class="number">
          {name}
        </th>
      ))}
    </>
  );
}

function InterfaceRow({ row, deviceId, chosen }: { row: InterfaceRowView; deviceId: string; chosen: boolean }) {
  const busiest = Math.max(row.inBps ?? 0, row.outBps ?? 0);
  const use = row.inBps === undefined || row.speedBps <= 0 ? undefined : busiest / row.speedBps;
  return (
    <tr id={`interface-${row.index}`} data-row>
      <td>
        <LinkStateLabel admin={row.adminStatus} oper={row.operStatus} />
      </td>
      <td class="mono">
        <a href={`/devices/${deviceId}?interface=${row.index}`} aria-current={chosen ? "true" : undefined}>
          {row.name}
        </a>
      </td>
      <td class="muted wide" title={row.alias}>
        {row.alias}
      </td>
      <td class="number muted">{row.speedBps > 0 ? bitRate(row.speedBps) : ""}</td>
      <td class="number">{row.inBps === undefined ? "" : bitRate(row.inBps)}</td>
      <td class="number">{row.outBps === undefined ? "" : bitRate(row.outBps)}</td>
      <td class="number muted">{use === undefined ? "" : percent(use)}</td>
      <td class={row.errorsPerS ? "number error" : "number muted"}>
        {row.errorsPerS === undefined ? "" : count(row.errorsPerS)}
      </td>
    </tr>
  );
}
