import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import {
  APPROVAL_STATUSES,
  approveRequest,
  getApproval,
  listApprovals,
  rejectRequest,
  type Undecidable,
} from "../../automation/index.ts";
import { HubError } from "../../error.ts";
import { automationPorts, type WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { executionDetailSchema } from "./execution.ts";
import { apiRoute, body, idParam, nextCursor, ok, pageQuery, time } from "./route.ts";

const person = z.object({ id: z.uuid(), name: z.string() });

export const planSchema = z
  .object({
    script: z.object({ id: z.uuid(), name: z.string(), version: z.int(), sha256: z.string() }),
    site: z.string(),
    collector: person,
    targets: z.array(z.string()),
    parameters: z.record(z.string(), z.unknown()),
    argv: z.array(z.string()).describe('The very argv; "<body>" stands for the path of the body\'s file.'),
    body: z.string(),
    warnings: z.array(z.string()),
  })
  .openapi("RunPlan");

export const approvalSchema = planSchema
  .extend({
    id: z.uuid(),
    status: z.enum(APPROVAL_STATUSES),
    bindingHash: z.string().describe("Over script version, parameters, targets, collector and expiry."),
    incidentId: z.uuid().nullable(),
    initiatedBy: z.string(),
    requestedBy: person.nullable(),
    decidedBy: person.nullable(),
    decidedAt: time.nullable(),
    expiresAt: time,
    createdAt: time,
    executionId: z.uuid().nullable(),
  })
  .openapi("Approval");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/approvals",
  tags: ["Automation"],
  summary: "Approvals, newest first",
  request: {
    query: pageQuery.extend({ status: z.enum(APPROVAL_STATUSES).optional(), incidentId: z.uuid().optional() }),
  },
  responses: ok(z.object({ approvals: z.array(approvalSchema), nextCursor }), "One page of approvals."),
});

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/approvals/{id}",
  tags: ["Automation"],
  summary: "One approval with the very argv it is for",
  request: { params: idParam },
  responses: ok(approvalSchema, "The approval."),
});

const approve = apiRoute("operator", {
  method: "post",
  path: "/api/v1/approvals/{id}/approve",
  tags: ["Automation"],
  summary: "Approve: sign exactly what it is bound to, and send it",
  description: "409 when it was decided already (`by` names who), 410 when it expired.",
  request: {
    params: idParam,
    body: body(z.strictObject({ bindingHash: z.string().length(64).optional().describe("What you saw.") })),
  },
  responses: ok(executionDetailSchema, "The execution; queued when the collector is away."),
});

const reject = apiRoute("operator", {
  method: "post",
  path: "/api/v1/approvals/{id}/reject",
  tags: ["Automation"],
  summary: "Reject it for good",
  request: { params: idParam, body: body(z.strictObject({ reason: z.string().max(500).optional() })) },
  responses: ok(approvalSchema, "The approval."),
});

export function approvalRoutes(deps: WebDependencies): WebApp {
  const { hub } = deps;
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => {
    const page = await listApprovals(contextOf(hub, c), c.req.valid("query"));
    return c.json({ approvals: page.items, nextCursor: page.nextCursor }, 200);
  });
  app.openapi(get, async (c) =>
    c.json(await getApproval(contextOf(hub, c), { approvalId: c.req.valid("param").id }), 200),
  );
  app.openapi(approve, async (c) => {
    const input = { approvalId: c.req.valid("param").id, ...c.req.valid("json") };
    const result = await approveRequest(contextOf(hub, c), automationPorts(deps), input);
    if (result.kind !== "approved") throw refusal(input.approvalId, result);
    return c.json(result.execution, 200);
  });
  app.openapi(reject, async (c) => {
    const input = { approvalId: c.req.valid("param").id, ...c.req.valid("json") };
    const result = await rejectRequest(contextOf(hub, c), input);
    if (result.kind !== "rejected") throw refusal(input.approvalId, result);
    return c.json(result.approval, 200);
  });
  return app;
}

function refusal(id: string, result: Undecidable): HubError {
  switch (result.kind) {
    case "already-decided": {
      const { by, status } = result;
      return new HubError("conflict", `Approval ${id} was ${status} by ${by} already.`, { by, decision: status });
    }
    case "expired":
      return new HubError("gone", `Approval ${id} expired at ${result.expiredAt.toISOString()}. Ask for a new one.`);
  }
}
