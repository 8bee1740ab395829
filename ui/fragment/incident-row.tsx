import { Age } from "../component/age.tsx";
import { PostButton } from "../component/post-button.tsx";
import { plural } from "../component/quantity.ts";
import { type Severity, SeverityLabel } from "../component/severity.tsx";
import { Sparkline } from "../component/sparkline.tsx";
import { type IncidentStatus, IncidentStatusLabel } from "../component/status.tsx";

export interface IncidentRowView {
  id: string;
  number: number;
  title: string;
  severity: Severity;
  priority: string;
  status: IncidentStatus;
  site?: string;
  assignee?: string;
  openedAt: Date;
  /** Devices touched; above one the row says "storm". */
  devices: number;
  /** The ranked cause, in a few words. */
  cause?: string;
  spark?: { values: (number | null)[]; label: string };
  /** Whether this reader may change it. */
  mayChange: boolean;
}

interface RowProps {
  view: IncidentRowView;
  nowMs: number;
}

/** The whole row for lists of incidents. */
export function IncidentRow({ view, nowMs }: RowProps) {
  return (
    <li class={rowClass(view)} id={`incident-${view.id}`} data-row>
      {view.mayChange ? (
        <input type="checkbox" name="incident" value={view.id} form="bulk" aria-label={`Select INC-${view.number}`} />
      ) : (
        <span />
      )}
      <SeverityLabel severity={view.severity} />
      <Title view={view} />
      <span class="incident-site muted truncate">{view.site ?? ""}</span>
      {view.spark ? <Sparkline {...view.spark} /> : <span class="sparkline" />}
      <span class="incident-age">
        <Age at={view.openedAt} nowMs={nowMs} />
      </span>
      <IncidentStatusLabel status={view.status} />
      <span class="incident-person muted truncate">{view.assignee ?? ""}</span>
      <RowActions view={view} />
    </li>
  );
}

/** For the overview: what burns, without selection. */
export function CompactIncidentRow({ view, nowMs }: RowProps) {
  return (
    <li class={`${rowClass(view)} compact`} id={`incident-${view.id}`} data-row>
      <SeverityLabel severity={view.severity} />
      <Title view={view} />
      <span class="incident-site muted">{view.site ?? ""}</span>
      <span class="incident-age">
        <Age at={view.openedAt} nowMs={nowMs} />
      </span>
      <IncidentStatusLabel status={view.status} />
      <RowActions view={view} />
    </li>
  );
}

function rowClass(view: IncidentRowView): string {
  const closed = view.status === "resolved" || view.status === "silenced";
  return closed ? "incident-row closed" : "incident-row";
}

function Title({ view }: { view: IncidentRowView }) {
  return (
    <span class="incident-title">
      <span class="faint mono">INC-{view.number}</span>
      <a class="truncate" href={`/incidents/${view.id}`}>
        {view.title}
      </a>
      {view.devices > 1 ? <span class="tag plain">storm ({plural(view.devices, "device")})</span> : null}
      {view.cause === undefined ? null : <span class="cause truncate">{view.cause}</span>}
    </span>
  );
}

function RowActions({ view }: { view: IncidentRowView }) {
  if (!view.mayChange || view.status !== "new") return null;
  return (
    <span class="row-actions">
      <PostButton
        action={`/incidents/${view.id}/acknowledge`}
        label="Acknowledge"
        icon="hand"
        describedAs={`Acknowledge INC-${view.number}`}
      />
    </span>
  );
}
