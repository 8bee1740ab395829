import { Icon, type IconName } from "./icon.tsx";

interface Look {
  icon: IconName;
  word: string;
  tone: string;
}

export type IncidentStatus = "new" | "acknowledged" | "in_progress" | "resolved" | "silenced";

const INCIDENT: Record<IncidentStatus, Look> = {
  new: { icon: "circle-dot", word: "New", tone: "critical" },
  acknowledged: { icon: "hand", word: "Acknowledged", tone: "info" },
  in_progress: { icon: "loader", word: "In progress", tone: "info" },
  resolved: { icon: "circle-check", word: "Resolved", tone: "ok" },
  silenced: { icon: "bell-off", word: "Silenced", tone: "muted" },
};

export type DeviceState = "up" | "down" | "unknown";

const DEVICE: Record<DeviceState, Look> = {
  up: { icon: "circle-check", word: "Up", tone: "ok" },
  down: { icon: "circle-x", word: "Down", tone: "critical" },
  unknown: { icon: "circle-question", word: "Not polled yet", tone: "muted" },
};

export type CollectorStatus = "streaming" | "disconnected" | "revoked";

const COLLECTOR: Record<CollectorStatus, Look> = {
  streaming: { icon: "circle-check", word: "Connected", tone: "ok" },
  disconnected: { icon: "circle-x", word: "Disconnected", tone: "critical" },
  revoked: { icon: "circle-slash", word: "Revoked", tone: "muted" },
};

export type ExecutionStatus =
  | "queued"
  | "sent"
  | "running"
  | "finished"
  | "refused"
  | "timed-out"
  | "cancelled"
  | "failed-to-start"
  | "interrupted";

const EXECUTION: Record<ExecutionStatus, Look> = {
  queued: { icon: "clock", word: "Queued", tone: "muted" },
  sent: { icon: "clock", word: "Sent", tone: "muted" },
  running: { icon: "loader", word: "Running", tone: "info" },
  finished: { icon: "circle-check", word: "Finished", tone: "ok" },
  refused: { icon: "circle-slash", word: "Refused by the collector", tone: "error" },
  "timed-out": { icon: "clock", word: "Timed out", tone: "error" },
  cancelled: { icon: "circle-slash", word: "Cancelled", tone: "muted" },
  "failed-to-start": { icon: "circle-x", word: "Could not start", tone: "error" },
  interrupted: { icon: "circle-x", word: "Interrupted", tone: "error" },
};

export type ApprovalStatus = "pending" | "approved" | "rejected" | "expired";

const APPROVAL: Record<ApprovalStatus, Look> = {
  pending: { icon: "clock", word: "Waits for a decision", tone: "warning" },
  approved: { icon: "circle-check", word: "Approved", tone: "ok" },
  rejected: { icon: "circle-x", word: "Rejected", tone: "muted" },
  expired: { icon: "circle-slash", word: "Expired", tone: "muted" },
};

export type ScanStatus = "requested" | "running" | "finished" | "cancelled" | "refused" | "failed" | "expired";

const SCAN: Record<ScanStatus, Look> = {
  requested: { icon: "clock", word: "Waits for its collector", tone: "muted" },
  running: { icon: "loader", word: "Running", tone: "info" },
  finished: { icon: "circle-check", word: "Finished", tone: "ok" },
  cancelled: { icon: "circle-slash", word: "Cancelled", tone: "muted" },
  refused: { icon: "circle-slash", word: "Refused by the collector", tone: "error" },
  failed: { icon: "circle-x", word: "Failed", tone: "error" },
  expired: { icon: "clock", word: "Expired", tone: "warning" },
};

export type ProposalStatus = "pending" | "known" | "accepted" | "rejected";

const PROPOSAL: Record<ProposalStatus, Look> = {
  pending: { icon: "circle-dot", word: "New", tone: "info" },
  known: { icon: "circle-check", word: "Polled already", tone: "ok" },
  accepted: { icon: "circle-check", word: "Accepted", tone: "ok" },
  rejected: { icon: "circle-slash", word: "Refused", tone: "muted" },
};

function Label({ icon, word, tone }: Look) {
  return (
    <span class={`label ${tone}`}>
      <Icon name={icon} />
      {word}
    </span>
  );
}

export const IncidentStatusLabel = ({ status }: { status: IncidentStatus }) => <Label {...INCIDENT[status]} />;
export const DeviceStateLabel = ({ state }: { state: DeviceState }) => <Label {...DEVICE[state]} />;
export const CollectorStatusLabel = ({ status }: { status: CollectorStatus }) => <Label {...COLLECTOR[status]} />;
export const ScanStatusLabel = ({ status }: { status: ScanStatus }) => <Label {...SCAN[status]} />;
export const ProposalStatusLabel = ({ status }: { status: ProposalStatus }) => <Label {...PROPOSAL[status]} />;
export const ApprovalStatusLabel = ({ status }: { status: ApprovalStatus }) => <Label {...APPROVAL[status]} />;

/** A script that ended with a code other than 0 did finish, but nobody should read that as success. */
export function ExecutionStatusLabel({ status, exitCode }: { status: ExecutionStatus; exitCode: number | undefined }) {
  if (status !== "finished" || exitCode === undefined || exitCode === 0) return <Label {...EXECUTION[status]} />;
  return <Label icon="circle-alert" word={`Ended with code ${exitCode}`} tone="error" />;
}

/** RFC 2863 numbers; what a network engineer reads first in an interface row. */
export function LinkStateLabel({ admin, oper }: { admin: number; oper: number }) {
  if (admin === 2) return <Label icon="circle-slash" word="Off" tone="muted" />;
  if (oper === 1) return <Label icon="circle-check" word="Up" tone="ok" />;
  if (oper === 2 || oper === 7) return <Label icon="circle-x" word="Down" tone="critical" />;
  if (oper === 6) return <Label icon="circle-slash" word="Not present" tone="muted" />;
  if (oper === 5) return <Label icon="clock" word="Dormant" tone="muted" />;
  return <Label icon="circle-question" word="Unknown" tone="muted" />;
}
