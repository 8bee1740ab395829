import type { Hub } from "../hub.ts";
import { insightMessage } from "../insight/index.ts";
import { boundedDiagnosisJson } from "./bounded-diagnosis.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { Subject } from "./subject.ts";

export interface Finished {
  sessionId: string;
  subject: Subject;
  diagnosis: Diagnosis;
  /** False while a model still speaks: kept at once, so that nothing is lost, but not the last word. */
  last: boolean;
}

/**
 * Keeps a diagnosis with its incident and tells the readers, in one statement; what a person sees in the timeline is
 * added only when it is not what the analysis before said. The message about the incident is as announce.ts makes it.
 */
export async function saveDiagnosis(hub: Hub, finished: Finished): Promise<void> {
  const { sessionId, subject, diagnosis, last } = finished;
  const at = new Date(hub.clock.nowMs());
  const { summary, source, root_cause } = diagnosis;
  const details = { sessionId, confidence: root_cause.confidence, source };
  const insight = last ? finishedMessage(finished, at) : undefined;
  await hub.sql`
    with history as (
      insert into sre_assistant.diagnosis_history (id, session_id, incident_id, diagnosis, source, model, prompt_hash,
        confidence, duration_ms, created_at)
      values (${Bun.randomUUIDv7()}, ${sessionId}, ${subject.incidentId}, ${JSON.stringify(diagnosis)}::text::jsonb,
        ${source}, ${diagnosis.model ?? null}, ${diagnosis.prompt_hash ?? null}, ${root_cause.confidence},
        ${diagnosis.duration_ms}, ${at})
    ), incident as (
      update shared.incidents set updated_at = ${at}, ai_analysis = ${JSON.stringify(diagnosis)}::text::jsonb,
        recommended_actions = ${JSON.stringify(diagnosis.recommended_actions)}::text::jsonb
      where id = ${subject.incidentId}
      returning id, number, site_id, status, severity
    ), session as (
      update sre_assistant.sessions set status = 'finished', finished_at = ${at} where id = ${sessionId} and ${last}
    ), line as (
      insert into shared.incident_timeline (id, incident_id, kind, text, details, at)
      select ${Bun.randomUUIDv7()}, id, 'diagnosis', ${summary}, ${JSON.stringify(details)}::text::jsonb, ${at}
      from incident
      where ${last} and ${summary} is distinct from (
        select text from shared.incident_timeline said where said.incident_id = incident.id and said.kind = 'diagnosis'
        order by said.at desc, said.id desc limit 1)
    )
    insert into shared.bus (topic, key, payload)
    select 'insight', ${subject.key}, ${JSON.stringify(insight?.payload ?? {})}::text::jsonb where ${last}
    union all
    select 'incident', id::text, jsonb_build_object('change', 'diagnosed', 'number', number, 'siteId', site_id,
      'status', status, 'severity', severity)
    from incident where ${last}`;
}

function finishedMessage({ subject, diagnosis }: Finished, at: Date) {
  return insightMessage({
    incidentId: subject.key,
    site: subject.siteName,
    severity: subject.severity,
    createdAtMs: BigInt(at.getTime()),
    step: "finished",
    text: diagnosis.summary,
    causes: diagnosis.root_cause.causes.map(({ evidence, interface: port, ...cause }) => ({
      ...cause,
      interface: port ?? "",
      evidenceIds: evidence,
    })),
    source: diagnosis.source,
    model: diagnosis.model ?? "",
    diagnosisJson: boundedDiagnosisJson(diagnosis),
  });
}
