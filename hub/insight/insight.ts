import { create, fromJson, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { type Insight, InsightSchema, Severity } from "@watchpost/proto";
import type { Message, Published } from "../bus/index.ts";
import type { SeverityName } from "../incident/index.ts";

/** The steps of an analysis, in order; evidence, cause and narration may come several times. */
export const STEPS = ["started", "evidence", "cause", "narration", "finished"] as const;
export type Step = (typeof STEPS)[number];

export interface InsightDraft extends Omit<MessageInitShape<typeof InsightSchema>, "id" | "step" | "severity"> {
  /** Id of the incident, or of the session when the analysis was asked for without one. */
  incidentId: string;
  step: Step;
  severity: SeverityName;
}

const SEVERITY: Readonly<Record<SeverityName, Severity>> = {
  info: Severity.INFO,
  warning: Severity.WARNING,
  error: Severity.ERROR,
  critical: Severity.CRITICAL,
};

/** One step as a bus message: proto JSON without id, because the bus gives the id. */
export function insightMessage(draft: InsightDraft): Message {
  const { incidentId, severity, ...rest } = draft;
  const insight = create(InsightSchema, { ...rest, incidentId, severity: SEVERITY[severity] } as MessageInitShape<
    typeof InsightSchema
  >);
  const { id: _id, ...payload } = toJson(InsightSchema, insight, { alwaysEmitImplicit: true }) as Record<
    string,
    JsonValue
  >;
  return { topic: "insight", key: incidentId, payload };
}

/** What /ai-stream sends as data: proto JSON, every field there. */
export function insightJson(message: Published): Record<string, unknown> & { id: string } {
  return { ...message.payload, id: String(message.id) };
}

/** The same thing for Insights.Watch. */
export function insightOf(message: Published): Insight {
  return fromJson(InsightSchema, insightJson(message) as JsonValue, { ignoreUnknownFields: true });
}
