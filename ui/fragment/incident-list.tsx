import { Empty } from "../component/empty.tsx";
import { IncidentRow, type IncidentRowView } from "./incident-row.tsx";

export interface IncidentListView {
  rows: IncidentRowView[];
  /** More match than are shown. */
  hasMore: boolean;
  /** Whether any filter narrows the list. */
  filtered: boolean;
  nowMs: number;
}

export function IncidentList({ view }: { view: IncidentListView }) {
  return (
    <div id="incident-list">
      {view.rows.length === 0 ? <NoIncidents filtered={view.filtered} /> : null}
      {view.rows.length === 0 ? null : (
        <ul class="incident-list">
          {view.rows.map((row) => (
            <IncidentRow view={row} nowMs={view.nowMs} />
          ))}
        </ul>
      )}
      {view.hasMore ? <p class="faint">Older incidents are not shown. Narrow the filter.</p> : null}
    </div>
  );
}

function NoIncidents({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty icon="circle-check" title="No incident matches">
        Widen the filter, or <a href="/incidents">show all open incidents</a>.
      </Empty>
    );
  }
  return (
    <Empty icon="circle-check" title="Nothing is wrong" command="bun run lab fault inject link-down --device core-sw1">
      No incident is open. An incident appears here by itself, without reload. To see one in the lab, break something:
    </Empty>
  );
}
