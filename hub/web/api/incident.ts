import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { diagnosisSchema } from "./diagnosis.ts";
import { getIncident, INCIDENT_STATUSES, listIncidents, PRIORITIES, SEVERITIES } from "../../incident/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, nextCursor, ok, pageQuery, time } from "./route.ts";

const severity = z.enum(SEVERITIES);
const person = z.object({ id: z.uuid(), name: z.string() });

export const incidentSchema = z
  .object({
    id: z.uuid(),
    number: z.int().describe("INC-<number> for people."),
    site: z.string().nullable(),
    siteId: z.uuid().nullable(),
    device: z.string().nullable(),
    deviceId: z.uuid().nullable(),
    title: z.string(),
    severity,
    priority: z.enum(PRIORITIES),
    status: z.enum(INCIDENT_STATUSES),
    silencedUntil: time.nullable().describe("When a silenced incident comes back by itself."),
    fingerprint: z.string(),
    eventCount: z.int(),
    openCount: z.int().describe("Problems that still stand."),
    deviceCount: z.int(),
    mergedInto: z.uuid().nullable(),
    assignee: person.nullable(),
    revision: z.int().describe("Hand it back with a change to be refused when somebody was faster."),
    createdAt: time,
    lastEventAt: time,
    acknowledgedAt: time.nullable(),
    resolvedAt: time.nullable(),
    updatedAt: time,
  })
  .openapi("Incident");

export const evidenceSchema = z
  .object({
    id: z.uuid(),
    sessionId: z.uuid(),
    tool: z.string(),
    title: z.string(),
    query: z.string(),
    queryArguments: z.record(z.string(), z.unknown()),
    finding: z.string(),
    result: z.unknown(),
    severity: z.string(),
    collectedAt: time,
    durationMs: z.int(),
  })
  .openapi("Evidence");

const detail = z
  .object({
    incident: incidentSchema,
    problems: z.array(
      z.object({
        fingerprint: z.string(),
        eventId: z.uuid(),
        device: z.string(),
        deviceId: z.uuid().nullable(),
        object: z.string(),
        kind: z.string(),
        state: z.enum(["firing", "cleared", "moment"]),
        severity,
        summary: z.string(),
        explainedBy: z.string(),
        count: z.int(),
        firstObservedAt: time,
        lastObservedAt: time,
      }),
    ),
    timeline: z.array(
      z.object({
        id: z.uuid(),
        kind: z.string(),
        text: z.string(),
        user: person.nullable(),
        details: z.record(z.string(), z.unknown()),
        at: time,
      }),
    ),
    evidence: z.array(evidenceSchema),
    diagnosis: diagnosisSchema.nullable(),
  })
  .openapi("IncidentDetail");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/incidents",
  tags: ["Incidents"],
  summary: "Incidents, newest first",
  request: {
    query: pageQuery.extend({
      status: z
        .enum([...INCIDENT_STATUSES, "open"])
        .optional()
        .describe("open is everything but resolved."),
      severity: severity.optional(),
      site: z.string().max(63).optional(),
      search: z.string().max(200).optional().describe("Words of the title, a device, or a number such as INC-42."),
    }),
  },
  responses: ok(z.object({ incidents: z.array(incidentSchema), nextCursor }), "One page of incidents."),
});

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/incidents/{id}",
  tags: ["Incidents"],
  summary: "One incident whole: problems, timeline, evidence, diagnosis",
  request: { params: z.object({ id: z.string().max(60).describe("Its id or its number (42 or INC-42).") }) },
  responses: ok(detail, "The incident."),
});

export function incidentRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => c.json(await listIncidents(contextOf(hub, c), c.req.valid("query")), 200));
  app.openapi(get, async (c) => c.json(await getIncident(contextOf(hub, c), c.req.valid("param").id), 200));
  return app;
}
