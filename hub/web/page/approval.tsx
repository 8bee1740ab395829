import { OpenAPIHono } from "@hono/zod-openapi";
import { ApprovalsPage, ExecutionPage } from "@watchpost/ui";
import {
  approveRequest,
  type Approved,
  type AutomationPorts,
  type Rejected,
  rejectRequest,
} from "../../automation/index.ts";
import type { WebApp, WebEnv } from "../request.ts";
import { approvalRegions, loadApprovals, loadExecution, type Views } from "../view/index.ts";
import { answer, formFields, fromHtmx, requireId } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

export function approvalRoutes(views: Views, ports: AutomationPorts): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/approvals", async (c) => {
    const source = readerOf(views, c);
    const where = [{ label: "Approvals" }];
    const shell = await shellFor(c, source, { section: "approvals", title: "Approvals", where, live: "approvals" });
    return c.html(<ApprovalsPage shell={shell} view={await loadApprovals(source)} />);
  });

  app.post("/approvals/:id/approve", async (c) => {
    const source = readerOf(views, c);
    const { binding } = await formFields(c);
    const approvalId = requireId("approval", c.req.param("id"));
    const result = await approveRequest(source.ctx, ports, { approvalId, bindingHash: binding });
    const refusal = refusalOf(result);
    if (result.kind !== "approved") {
      return answer(c, { regions: await approvalRegions(source), back: "/approvals", ...refusal });
    }
    const output = `/executions/${result.execution.id}`;
    if (!fromHtmx(c)) return c.redirect(output, 303);
    c.header("hx-redirect", output);
    return c.body(null, 200);
  });

  app.post("/approvals/:id/reject", async (c) => {
    const source = readerOf(views, c);
    const result = await rejectRequest(source.ctx, { approvalId: requireId("approval", c.req.param("id")) });
    return answer(c, { regions: await approvalRegions(source), back: "/approvals", ...refusalOf(result) });
  });

  app.get("/executions/:id", async (c) => {
    const source = readerOf(views, c);
    const id = requireId("execution", c.req.param("id"));
    const shell = await shellFor(c, source, {
      section: "automation",
      title: "Run",
      where: [{ label: "Automation", href: "/automation" }],
      live: `execution/${id}`,
    });
    const view = await loadExecution(source, id);
    const where = [
      ...shell.where,
      { label: view.script.name, href: `/automation/${view.script.id}` },
      { label: "Run" },
    ];
    return c.html(<ExecutionPage shell={{ ...shell, where, title: `Run of ${view.script.name}` }} view={view} />);
  });
  return app;
}

function refusalOf(result: Approved | Rejected) {
  const tone = "warning" as const;
  switch (result.kind) {
    case "approved":
    case "rejected":
      return {};
    case "already-decided":
      return { say: { tone, text: `${result.by} was faster: it is ${result.status}.` } };
    case "expired":
      return { say: { tone, text: "It has expired. Ask for it again." } };
  }
}
