import { OpenAPIHono } from "@hono/zod-openapi";
import { AutomationPage, ScriptPage, type ScriptPageView } from "@watchpost/ui";
import { getScript, requestExecution, type RunPlan, type ScriptDetail } from "../../automation/index.ts";
import { type CollectorSummary, listCollectors } from "../../device/index.ts";
import { HubError } from "../../error.ts";
import { may } from "../../identity/index.ts";
import type { WebApp, WebEnv, WebRequest } from "../request.ts";
import { loadScripts, type Source, type Views } from "../view/index.ts";
import { formFields, requireId } from "./answer.tsx";
import { type FormValues, formValues, parameterFields, parameterValues } from "./parameter.ts";
import { readerOf, shellFor } from "./shell.ts";

const TARGETS_MAX = 20;

export function scriptRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/automation", async (c) => {
    const source = readerOf(views, c);
    const where = [{ label: "Automation" }];
    const shell = await shellFor(c, source, { section: "automation", title: "Automation", where, live: "shell" });
    const incidentId = incidentOf(c.req.query("incident"));
    const rows = await loadScripts(source);
    return c.html(<AutomationPage shell={shell} rows={rows} {...(incidentId === undefined ? {} : { incidentId })} />);
  });

  app.get("/automation/:id", async (c) => {
    const source = readerOf(views, c);
    return showScript(c, source, { values: formValues(c.req.query()) });
  });

  app.post("/automation/:id/run", async (c) => {
    const source = readerOf(views, c);
    const values = formValues(await formFields(c));
    try {
      const plan = await ask(c, source, values);
      return plan ? await showScript(c, source, { values, plan }) : c.redirect("/approvals", 303);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return showScript(c, source, { values, problem: error.message });
    }
  });
  return app;
}

/** Asks for the run; a dry run comes back with what would run. */
async function ask(c: WebRequest, source: Source, values: FormValues): Promise<RunPlan | undefined> {
  const script = await getScript(source.ctx, { scriptId: requireId("script", c.req.param("id")) });
  const requested = await requestExecution(source.ctx, {
    scriptId: script.id,
    parameters: parameterValues(script.versions[0]?.parameterSchema ?? {}, values),
    targets: values.targets
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .slice(0, TARGETS_MAX),
    collectorId: values.collector === "" ? undefined : requireId("collector", values.collector),
    incidentId: incidentOf(values.incident),
    dryRun: values.dryRun,
    initiatedBy: source.ctx.actor.kind === "person" ? source.ctx.actor.name : "a program",
  });
  return requested.kind === "dry-run" ? requested.plan : undefined;
}

interface Shown {
  values: FormValues;
  problem?: string;
  plan?: RunPlan;
}

async function showScript(c: WebRequest, source: Source, shown: Shown): Promise<Response> {
  const script = await getScript(source.ctx, { scriptId: requireId("script", c.req.param("id")) });
  const shell = await shellFor(c, source, {
    section: "automation",
    title: script.name,
    where: [{ label: "Automation", href: "/automation" }, { label: script.name }],
    live: "shell",
  });
  const collectors = await listCollectors(source.ctx);
  const view = pageView(source, { script, collectors, shown });
  return c.html(<ScriptPage shell={shell} view={view} />, shown.problem === undefined ? 200 : 422);
}

interface Parts {
  script: ScriptDetail;
  collectors: readonly CollectorSummary[];
  shown: Shown;
}

function pageView(source: Source, { script, collectors, shown }: Parts): ScriptPageView {
  const { values, problem, plan } = shown;
  const incidentId = incidentOf(values.incident);
  const allowing = collectors.filter(
    ({ allowedScripts, status }) => status !== "revoked" && allowedScripts.includes(script.name),
  );
  const refusal = refusalFor(source, { script, allowing: allowing.length });
  return {
    id: script.id,
    name: script.name,
    description: script.description,
    versions: script.versions,
    form: {
      scriptId: script.id,
      fields: parameterFields(script.versions[0]?.parameterSchema ?? {}, values),
      collectors: allowing.map(({ id, site, name }) => ({
        id,
        label: `${site}/${name}`,
        chosen: id === values.collector,
      })),
      targets: values.targets,
      ...(incidentId === undefined ? {} : { incidentId }),
      ...(problem === undefined ? {} : { problem }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(plan === undefined ? {} : { plan: { argv: plan.argv, body: plan.body, warnings: plan.warnings } }),
    },
  };
}

function refusalFor(
  source: Source,
  { script, allowing }: { script: ScriptDetail; allowing: number },
): string | undefined {
  if (!may(source.role, "automation:request")) return "Your role may look, not run. Ask an operator.";
  if (allowing > 0) return undefined;
  return `No collector allows ${script.name}. Add it to scripts.allow in the collector's configuration and restart it.`;
}

function incidentOf(id: string | undefined): string | undefined {
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? requireId("incident", id) : undefined;
}
