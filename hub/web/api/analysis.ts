import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { analysisRequestSchema, getSession, requestAnalysis, type Session } from "../../assistant/index.ts";
import type { Context } from "../../context.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { diagnosisSchema } from "./diagnosis.ts";
import { evidenceSchema } from "./incident.ts";
import { apiRoute, body, idParam, ok, time } from "./route.ts";

const WAIT_MS_MAX = 30_000;
const WAIT_POLL_MS = 200;

const session = z
  .object({
    id: z.uuid(),
    incidentId: z.uuid().nullable(),
    status: z.enum(["running", "finished", "failed"]),
    question: z.string(),
    error: z.string(),
    startedAt: time,
    finishedAt: time.nullable(),
    evidence: z.array(evidenceSchema),
    diagnosis: diagnosisSchema.nullable(),
  })
  .openapi("Session");

const analyze = apiRoute("operator", {
  method: "post",
  path: "/analyze",
  tags: ["Analysis"],
  summary: "Analyse an incident, or a device at a site",
  description: "Follow it at /api/v1/sessions/{id} or /ai-stream?incident={id}. With ?wait the answer is the result.",
  request: {
    query: z.object({ wait: z.enum(["", "1", "true"]).optional().describe("Wait for the result, 30 s at most.") }),
    body: body(analysisRequestSchema.strict()),
  },
  responses: {
    200: { description: "With ?wait: how it ended.", content: { "application/json": { schema: session } } },
    202: {
      description: "It was queued, or still runs after the wait.",
      content: { "application/json": { schema: z.object({ sessionId: z.uuid() }) } },
    },
  },
});

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/sessions/{id}",
  tags: ["Analysis"],
  summary: "One analysis: where it stands, its evidence so far, its newest diagnosis",
  request: { params: idParam },
  responses: ok(session, "The analysis."),
});

export function analysisRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(analyze, async (c) => {
    const ctx = contextOf(hub, c);
    const { sessionId } = await requestAnalysis(ctx, hub, c.req.valid("json"));
    const ended = c.req.valid("query").wait === undefined ? undefined : await waitFor(ctx, sessionId);
    return ended ? c.json(ended, 200) : c.json({ sessionId }, 202);
  });
  app.openapi(get, async (c) => c.json(await getSession(contextOf(hub, c), c.req.valid("param").id), 200));
  return app;
}

async function waitFor(ctx: Context, sessionId: string): Promise<Session | undefined> {
  for (let waitedMs = 0; waitedMs < WAIT_MS_MAX; waitedMs += WAIT_POLL_MS) {
    await Bun.sleep(WAIT_POLL_MS);
    const found = await getSession(ctx, sessionId);
    if (found.status !== "running") return found;
  }
  return undefined;
}
