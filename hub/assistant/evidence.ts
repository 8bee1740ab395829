import type { Hub } from "../hub.ts";
import type { Site } from "../incident/index.ts";
import { insightMessage } from "../insight/index.ts";
import type { EvidenceInsert, Ledger } from "./ledger.ts";
import type { Subject } from "./subject.ts";
import type { Observation, Signal, ToolCall, ToolName, ToolScope } from "./tool/index.ts";

/** An observation with the id that claims may cite. */
export interface Evidence {
  id: string;
  tool: ToolName;
  title: string;
  query: string;
  finding: string;
  severity: Observation["severity"];
  result: unknown;
  signals: Signal[];
  collectedAt: Date;
}

export interface Collecting {
  hub: Hub;
  ledger: Ledger;
  sessionId: string;
  subject: Subject;
  scope: ToolScope;
  /** Where people and programs reach this hub; evidence links start with it. */
  publicUrl: string;
  /** The site as it was read a moment ago; without it, tools read it anew. */
  site?: Site | undefined;
}

/** Runs a tool, keeps what it said and tells the readers: this is the only place where evidence ids are made. */
export async function collectEvidence(at: Collecting, call: ToolCall): Promise<Evidence> {
  const { hub, ledger, sessionId, subject, scope, site } = at;
  const startedMs = performance.now();
  const observation = await call.run({ db: hub.db, clock: hub.clock, metrics: hub.metrics, site }, scope);
  const { signals, queryArguments, ...rest } = observation;
  const collectedAt = new Date(hub.clock.nowMs());
  const row = {
    ...rest,
    id: Bun.randomUUIDv7(),
    sessionId,
    incidentId: subject.incidentId,
    tool: call.tool,
    queryArguments: { ...queryArguments, scope },
    collectedAt,
    durationMs: Math.round(performance.now() - startedMs),
  } satisfies EvidenceInsert;
  const { id, tool, title, query, finding } = row;
  const message = insightMessage({
    incidentId: subject.key,
    site: subject.siteName,
    severity: subject.severity,
    createdAtMs: BigInt(collectedAt.getTime()),
    step: "evidence",
    text: finding,
    evidence: [{ id, tool, title, query, finding, url: evidenceUrl(at.publicUrl, id) }],
    source: "rules",
  });
  await ledger.keep({ evidence: row, message });
  return { ...rest, id: row.id, tool: call.tool, signals, collectedAt };
}

/** The page that shows an evidence row and runs its query again. */
export function evidenceUrl(publicUrl: string, id: string): string {
  return new URL(`/evidence/${id}`, publicUrl).href;
}
