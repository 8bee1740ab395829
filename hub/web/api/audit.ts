import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { listAudit } from "../../audit/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, nextCursor, ok, pageQuery, time } from "./route.ts";

const entry = z
  .object({
    id: z.int(),
    at: time,
    userId: z.uuid().nullable(),
    actor: z.string().describe("person:<email>, token:<name>, collector:<id> or system."),
    action: z.string(),
    entity: z.string(),
    entityId: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi("AuditEntry");

const list = apiRoute("admin", {
  method: "get",
  path: "/api/v1/audit",
  tags: ["People"],
  summary: "Who changed what, newest first",
  request: {
    query: pageQuery.extend({
      entity: z.string().max(60).optional().describe("incident, approval, execution, device, …"),
      entityId: z.string().max(100).optional(),
    }),
  },
  responses: ok(z.object({ entries: z.array(entry), nextCursor }), "One page of the audit log."),
});

export function auditRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => c.json(await listAudit(contextOf(hub, c), c.req.valid("query")), 200));
  return app;
}
