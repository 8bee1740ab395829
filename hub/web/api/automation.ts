import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { requestExecution } from "../../automation/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { approvalSchema, planSchema } from "./approval.ts";
import { apiRoute, body } from "./route.ts";

const request = z.strictObject({
  script_id: z.uuid(),
  version: z.int().min(1).optional().describe("The newest when not given."),
  parameters: z.record(z.string(), z.unknown()).default({}),
  target_resources: z
    .array(z.string().min(1).max(130))
    .max(20)
    .default([])
    .describe("Device ids, names, or site/name; all at one collector."),
  collector_id: z.uuid().optional().describe("Where to run when no target says so."),
  incident_id: z.uuid().optional().describe("Its timeline tells of the request and the result."),
  dry_run: z.boolean().default(false).describe("Show what would run, and create nothing."),
  initiated_by: z
    .string()
    .min(1)
    .max(200)
    .describe("Who or what had the idea; who asked is known from the credential."),
});

const execute = apiRoute("operator", {
  method: "post",
  path: "/api/automation/execute",
  tags: ["Automation"],
  summary: "Ask for a run: creates an approval, which a person must give within ten minutes",
  request: { body: body(request) },
  responses: {
    200: {
      description: "Dry run: what would run.",
      content: { "application/json": { schema: z.object({ dryRun: z.literal(true), plan: planSchema }) } },
    },
    202: {
      description: "The approval that now waits for a person.",
      content: { "application/json": { schema: z.object({ dryRun: z.literal(false), approval: approvalSchema }) } },
    },
  },
});

export function automationRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(execute, async (c) => {
    const input = c.req.valid("json");
    const result = await requestExecution(contextOf(hub, c), {
      scriptId: input.script_id,
      version: input.version,
      parameters: input.parameters,
      targets: input.target_resources,
      collectorId: input.collector_id,
      incidentId: input.incident_id,
      dryRun: input.dry_run,
      initiatedBy: input.initiated_by,
    });
    if (result.kind === "dry-run") return c.json({ dryRun: true as const, plan: result.plan }, 200);
    return c.json({ dryRun: false as const, approval: result.approval }, 202);
  });
  return app;
}
