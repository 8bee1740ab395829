import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { getEvidence, rerunEvidence } from "../../assistant/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { evidenceSchema } from "./incident.ts";
import { apiRoute, idParam, ok } from "./route.ts";

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/evidence/{id}",
  tags: ["Analysis"],
  summary: "One piece of evidence as it was found, with the very query behind it",
  request: { params: idParam },
  responses: ok(evidenceSchema.extend({ incidentId: z.uuid().nullable() }).openapi("StoredEvidence"), "The evidence."),
});

const rerun = apiRoute("viewer", {
  method: "post",
  path: "/api/v1/evidence/{id}/rerun",
  tags: ["Analysis"],
  summary: "Ask the very same question again, over the same time span",
  request: { params: idParam },
  responses: ok(
    z
      .object({
        evidence: evidenceSchema,
        now: z.object({
          query: z.string(),
          finding: z.string(),
          severity: z.string(),
          result: z.unknown(),
          durationMs: z.int(),
        }),
      })
      .openapi("EvidenceRerun"),
    "What was seen then, and what the question says now.",
  ),
});

export function evidenceRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(get, async (c) => c.json(await getEvidence(contextOf(hub, c), c.req.valid("param").id), 200));
  app.openapi(rerun, async (c) => c.json(await rerunEvidence(contextOf(hub, c), hub, c.req.valid("param").id), 200));
  return app;
}
