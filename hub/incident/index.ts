export { type Acknowledgement, acknowledgeIncident } from "./acknowledge.ts";
export { incidentMessage } from "./announce.ts";
export { assignIncident } from "./assign.ts";
export type { ChangeResult } from "./change.ts";
export { COMMENT_CHARACTERS_MAX, commentIncident } from "./comment.ts";
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
  PRIORITIES,
  SEVERITIES,
  type SeverityName,
  severityRank,
  type TimelineEntry,
} from "./incident.ts";
export { ingestEvents, ingestOnce, ingestRows } from "./ingest.ts";
export { lockSite } from "./load-board.ts";
export { type ListIncidents, listIncidents } from "./list.ts";
export { reopenIncident } from "./reopen.ts";
export { resolveIncident } from "./resolve.ts";
export { startSettling } from "./settle.ts";
export { silenceIncident } from "./silence.ts";
export type { IngestResult } from "./source.ts";
export { startProgress } from "./start-progress.ts";
export { appendTimeline } from "./timeline.ts";
export {
  cutOff,
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
