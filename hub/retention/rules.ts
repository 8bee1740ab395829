/** What a rule needs of the database's client. */
type Sql = (strings: TemplateStringsArray, ...values: (Date | number)[]) => PromiseLike<{ count: number }>;

export interface Keep {
  eventsMonths: number;
  /** Messages that live readers may ask for again after a cut. */
  liveDays: number;
}

export interface Rule {
  /** What goes, for the log. */
  name: string;
  keptDays: number;
  /** Deletes at most `limit` rows that ended before that time. */
  batch(sql: Sql, before: Date, limit: number): PromiseLike<{ count: number }>;
}

const DAYS_A_MONTH = 31;
/** Long enough to see in the database who used which key last. */
const CREDENTIAL_DAYS = 30;
const SIGN_IN_LINK_DAYS = 7;
const REQUEST_DAYS = 90;
const REPLACED_DAYS = 30;

export function rulesOf({ eventsMonths, liveDays }: Keep): Rule[] {
  const analysisDays = eventsMonths * DAYS_A_MONTH;
  return [
    { name: "live messages", keptDays: liveDays, batch: liveMessages },
    { name: "sign-in links", keptDays: SIGN_IN_LINK_DAYS, batch: signInLinks },
    { name: "ended sessions", keptDays: CREDENTIAL_DAYS, batch: endedSessions },
    { name: "ended API tokens", keptDays: CREDENTIAL_DAYS, batch: endedApiTokens },
    { name: "used or expired enrolment tokens", keptDays: CREDENTIAL_DAYS, batch: enrolmentTokens },
    { name: "cursors of outboxes that were replaced", keptDays: CREDENTIAL_DAYS, batch: oldCursors },
    { name: "approvals that nobody gave", keptDays: REQUEST_DAYS, batch: unusedApprovals },
    { name: "output of scripts", keptDays: REQUEST_DAYS, batch: scriptOutput },
    { name: "evidence of replaced analyses", keptDays: REPLACED_DAYS, batch: replacedEvidence },
    { name: "evidence", keptDays: analysisDays, batch: evidence },
    { name: "diagnoses", keptDays: analysisDays, batch: diagnoses },
    { name: "analyses", keptDays: analysisDays, batch: analyses },
    { name: "events of no month", keptDays: analysisDays, batch: eventsOfNoMonth },
  ];
}

/** Ids and times ascend together, so the oldest rows are found without an index on time. */
const liveMessages: Rule["batch"] = (sql, before, limit) => sql`
  delete from shared.bus where id in (
    select id from (select id, created_at from shared.bus order by id limit ${limit}) oldest where created_at < ${before})`;

const signInLinks: Rule["batch"] = (sql, before, limit) => sql`
  delete from shared.sign_in_links where id in (
    select id from shared.sign_in_links where least(used_at, expires_at) < ${before} limit ${limit})`;

const endedSessions: Rule["batch"] = (sql, before, limit) => sql`
  delete from shared.user_sessions where id in (
    select id from shared.user_sessions where least(ended_at, expires_at) < ${before} limit ${limit})`;

const endedApiTokens: Rule["batch"] = (sql, before, limit) => sql`
  delete from shared.api_tokens where id in (
    select id from shared.api_tokens where least(revoked_at, expires_at) < ${before} limit ${limit})`;

const enrolmentTokens: Rule["batch"] = (sql, before, limit) => sql`
  delete from control_plane.enrollment_tokens where id in (
    select id from control_plane.enrollment_tokens where least(used_at, expires_at) < ${before} limit ${limit})`;

/** A collector keeps its outbox's name for life; a new one means that its disk is new. The newest is never touched. */
const oldCursors: Rule["batch"] = (sql, before, limit) => sql`
  delete from control_plane.collector_streams where (collector_id, outbox_epoch) in (
    select old.collector_id, old.outbox_epoch from control_plane.collector_streams old
    where exists (
      select 1 from control_plane.collector_streams newer
      where newer.collector_id = old.collector_id and newer.created_at > old.created_at and newer.created_at < ${before})
    limit ${limit})`;

const unusedApprovals: Rule["batch"] = (sql, before, limit) => sql`
  delete from control_plane.approvals where id in (
    select a.id from control_plane.approvals a
    where a.status in ('expired', 'rejected') and a.expires_at < ${before}
      and not exists (select 1 from control_plane.script_executions e where e.approval_id = a.id)
    limit ${limit})`;

const scriptOutput: Rule["batch"] = (sql, before, limit) => sql`
  delete from control_plane.script_output where (execution_id, index) in (
    select o.execution_id, o.index from control_plane.script_output o
    join control_plane.script_executions e on e.id = o.execution_id
    where e.finished_at < ${before} limit ${limit})`;

const evidence: Rule["batch"] = (sql, before, limit) => sql`
  delete from sre_assistant.evidence where id in (
    select id from sre_assistant.evidence where collected_at < ${before} limit ${limit})`;

/** An incident that grew was looked into several times; its page shows the newest alone. */
const replacedEvidence: Rule["batch"] = (sql, before, limit) => sql`
  delete from sre_assistant.evidence where id in (
    select e.id from sre_assistant.evidence e
    join sre_assistant.sessions s on s.id = e.session_id
    where e.collected_at < ${before} and s.incident_id is not null and exists (
      select 1 from sre_assistant.sessions newer
      where newer.incident_id = s.incident_id and newer.started_at > s.started_at and newer.status = 'finished')
    limit ${limit})`;

const diagnoses: Rule["batch"] = (sql, before, limit) => sql`
  delete from sre_assistant.diagnosis_history where id in (
    select id from sre_assistant.diagnosis_history where created_at < ${before} limit ${limit})`;

const analyses: Rule["batch"] = (sql, before, limit) => sql`
  delete from sre_assistant.sessions where id in (
    select s.id from sre_assistant.sessions s
    where s.finished_at < ${before}
      and not exists (select 1 from sre_assistant.evidence e where e.session_id = s.id)
      and not exists (select 1 from sre_assistant.diagnosis_history d where d.session_id = s.id)
    limit ${limit})`;

/** What a wrong clock put beside the months. */
const eventsOfNoMonth: Rule["batch"] = (sql, before, limit) => sql`
  delete from shared.events_default where (id, received_at) in (
    select id, received_at from shared.events_default where received_at < ${before} limit ${limit})`;
