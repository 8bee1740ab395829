/** Schema sre_assistant: how incidents were analysed, and on what evidence. */
import { index, integer, jsonb, pgSchema, real, text, uuid } from "drizzle-orm/pg-core";
import { at, id } from "./column.ts";

export const sreAssistant = pgSchema("sre_assistant");

/** One run of the assistant: over an incident, or over what POST /analyze was given. */
export const sessions = sreAssistant.table(
  "sessions",
  {
    id: id(),
    incidentId: uuid("incident_id"),
    /** incident | request */
    origin: text().notNull(),
    /** running | finished | failed */
    status: text().notNull().default("running"),
    question: text().notNull().default(""),
    error: text().notNull().default(""),
    startedAt: at("started_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [index().on(t.incidentId, t.startedAt)],
);

export const diagnosisHistory = sreAssistant.table(
  "diagnosis_history",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => sessions.id),
    incidentId: uuid("incident_id"),
    /** The Diagnosis object, whole. */
    diagnosis: jsonb().$type<Record<string, unknown>>().notNull(),
    /** rules | ollama | openai */
    source: text().notNull(),
    model: text(),
    promptHash: text("prompt_hash"),
    confidence: real().notNull(),
    durationMs: integer("duration_ms").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [index().on(t.incidentId, t.createdAt)],
);

/** What a read-only tool said, with the very query, so that anyone can run it again. Ids are minted here alone. */
export const evidence = sreAssistant.table(
  "evidence",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => sessions.id),
    incidentId: uuid("incident_id"),
    /** metrics | topology | events | changes | similar | runbooks */
    tool: text().notNull(),
    title: text().notNull(),
    /** PromQL for metrics; a named lookup with its arguments as JSON for the others. */
    query: text().notNull(),
    /** Start, end (Unix ms) and step (s) of a range query; the arguments of a lookup. */
    queryArguments: jsonb("query_arguments").$type<Record<string, unknown>>().notNull(),
    finding: text().notNull(),
    result: jsonb().$type<unknown>().notNull(),
    severity: text().notNull().default("info"),
    collectedAt: at("collected_at").notNull().defaultNow(),
    durationMs: integer("duration_ms").notNull(),
  },
  (t) => [index().on(t.incidentId), index().on(t.sessionId)],
);
