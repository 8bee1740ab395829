export { type Acknowledgement, acknowledgeIncident } from "./acknowledge.ts";
export { type IncidentChange, incidentMessage } from "./announce.ts";
export { type AssignIncident, assignIncident } from "./assign.ts";
export type { ChangeResult, IncidentReference } from "./change.ts";
export { cleanLine, cleanText } from "./clean-text.ts";
export { COMMENT_CHARACTERS_MAX, type CommentIncident, commentIncident } from "./comment.ts";
export {
  type EventRow,
  FINGERPRINT_CHARACTERS_MAX,
  NAME_CHARACTERS_MAX,
  plausibleTime,
  SUMMARY_CHARACTERS_MAX,
} from "./event-row.ts";
export { getIncident } from "./get.ts";
export {
  type EvidenceRow,
  INCIDENT_STATUSES,
  type Incident,
  type IncidentDetail,
  type IncidentProblem,
  type IncidentStatus,
  PRIORITIES,
  type Priority,
  SEVERITIES,
  type SeverityName,
  severityRank,
  type TimelineEntry,
} from "./incident.ts";
export { ingestEvents, ingestRows } from "./ingest.ts";
export { lockSite } from "./load-board.ts";
export { type IncidentPage, LIST_LIMIT_MAX, type ListIncidents, listIncidents } from "./list.ts";
export { type ReopenIncident, reopenIncident } from "./reopen.ts";
export { type ResolveIncident, resolveIncident } from "./resolve.ts";
export { settleIncidents, startSettling } from "./settle.ts";
export { type SilenceIncident, silenceIncident } from "./silence.ts";
export type { EventSource, IngestResult } from "./source.ts";
export { startProgress } from "./start-progress.ts";
export { appendTimeline, type TimelineDraft, type TimelineKind } from "./timeline.ts";
export {
  cutOff,
  type Edge,
  edgeAt,
  edgesOf,
  farEnd,
  isUplink,
  loadSite,
  makeSite,
  NO_SITE,
  roleRank,
  type Site,
  upstreamOf,
} from "./topology.ts";
