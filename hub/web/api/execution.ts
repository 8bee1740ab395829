import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { cancelExecution, EXECUTION_STATUSES, getExecution, listExecutions } from "../../automation/index.ts";
import { HubError } from "../../error.ts";
import { automationPorts, type WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, idParam, nextCursor, ok, pageQuery, time } from "./route.ts";

const summary = z
  .object({
    id: z.uuid(),
    approvalId: z.uuid(),
    incidentId: z.uuid().nullable(),
    script: z.object({ id: z.uuid(), name: z.string(), version: z.int() }),
    site: z.string(),
    collector: z.object({ id: z.uuid(), name: z.string() }),
    targets: z.array(z.string()),
    status: z.enum(EXECUTION_STATUSES),
    exitCode: z.int().nullable(),
    reasonCode: z.string(),
    reason: z.string(),
    truncated: z.boolean(),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    expiresAt: time,
    durationMs: z.int().nullable(),
  })
  .openapi("Execution");

export const executionDetailSchema = summary
  .extend({
    output: z.array(z.object({ index: z.int(), stream: z.enum(["stdout", "stderr"]), text: z.string() })),
    outputNext: z.int().describe("Hand it back as outputAfter for what comes next."),
    outputIsWhole: z.boolean().describe("False when there is more than this page of output."),
  })
  .openapi("ExecutionDetail");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/executions",
  tags: ["Automation"],
  summary: "Executions, newest first",
  request: {
    query: pageQuery.extend({ status: z.enum(EXECUTION_STATUSES).optional(), incidentId: z.uuid().optional() }),
  },
  responses: ok(z.object({ executions: z.array(summary), nextCursor }), "One page of executions."),
});

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/executions/{id}",
  tags: ["Automation"],
  summary: "One execution with its output",
  request: {
    params: idParam,
    query: z.object({ outputAfter: z.coerce.number().int().min(-1).max(1_000_000).optional() }),
  },
  responses: ok(executionDetailSchema, "The execution; at most 500 chunks of output."),
});

const cancel = apiRoute("operator", {
  method: "post",
  path: "/api/v1/executions/{id}/cancel",
  tags: ["Automation"],
  summary: "Take back an order, or ask the collector to end the run",
  request: { params: idParam },
  responses: {
    202: {
      description:
        "cancelled: it never left the hub. asked: the collector was told; its result says what became of it.",
      content: { "application/json": { schema: z.object({ kind: z.enum(["cancelled", "asked"]) }) } },
    },
  },
});

export function executionRoutes(deps: WebDependencies): WebApp {
  const { hub } = deps;
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => {
    const page = await listExecutions(contextOf(hub, c), c.req.valid("query"));
    return c.json({ executions: page.items, nextCursor: page.nextCursor }, 200);
  });
  app.openapi(get, async (c) => {
    const input = { executionId: c.req.valid("param").id, ...c.req.valid("query") };
    return c.json(await getExecution(contextOf(hub, c), input), 200);
  });
  app.openapi(cancel, async (c) => {
    const executionId = c.req.valid("param").id;
    const result = await cancelExecution(contextOf(hub, c), automationPorts(deps), { executionId });
    if (result.kind === "already-ended")
      throw new HubError("conflict", `Execution ${executionId} is ${result.status} already.`);
    return c.json(result, 202);
  });
  return app;
}
