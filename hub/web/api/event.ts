import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { EVENT_STATES, listEvents } from "../../event/index.ts";
import { SEVERITIES } from "../../incident/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, nextCursor, ok, pageQuery, time } from "./route.ts";

const event = z
  .object({
    id: z.uuid(),
    receivedAt: time,
    observedAt: time.describe("By the site's clock."),
    site: z.string().nullable(),
    collectorId: z.uuid().nullable().describe("Null for an event that came by webhook."),
    deviceId: z.uuid().nullable(),
    device: z.string(),
    object: z.string(),
    kind: z.string(),
    state: z.enum(EVENT_STATES),
    severity: z.enum(SEVERITIES),
    fingerprint: z.string(),
    summary: z.string(),
    attributes: z.record(z.string(), z.string()),
    verdict: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi("Event");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/events",
  tags: ["Incidents"],
  summary: "Events as they were received, newest first",
  request: {
    query: pageQuery.extend({
      site: z.string().max(63).optional(),
      device: z.string().max(253).optional(),
      kind: z.string().max(60).optional(),
      state: z.enum(EVENT_STATES).optional(),
      severity: z.enum(SEVERITIES).optional(),
      fingerprint: z.string().max(500).optional(),
    }),
  },
  responses: ok(z.object({ events: z.array(event), nextCursor }), "One page of events."),
});

export function eventRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => c.json(await listEvents(contextOf(hub, c), c.req.valid("query")), 200));
  return app;
}
