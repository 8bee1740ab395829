import { OpenAPIHono } from "@hono/zod-openapi";
import { EvidencePage, type EvidencePageView, RerunResult } from "@watchpost/ui";
import { z } from "zod";
import { getEvidence, type StoredEvidence } from "../../assistant/get-evidence.ts";
import { rerunEvidence } from "../../assistant/rerun.ts";
import type { EvidenceRow } from "../../incident/index.ts";
import { HubError } from "../../error.ts";
import type { WebApp, WebEnv } from "../request.ts";
import { evidenceBody, type Views } from "../view/index.ts";
import { fromHtmx, requireId } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

export function evidenceRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/evidence/:id", async (c) => {
    const source = readerOf(views, c);
    const row = await getEvidence(source.ctx, requireId("evidence", c.req.param("id")));
    const incident = row.incidentId === null ? [] : [{ label: "Incident", href: `/incidents/${row.incidentId}` }];
    const shell = await shellFor(c, source, {
      section: "incidents",
      title: row.title,
      where: [{ label: "Incidents", href: "/incidents" }, ...incident, { label: "Evidence" }],
    });
    return c.html(<EvidencePage shell={shell} view={viewOf(row)} />);
  });

  app.post("/evidence/:id/run", async (c) => {
    const { ctx, hub, nowMs } = readerOf(views, c);
    const id = requireId("evidence", c.req.param("id"));
    if (!fromHtmx(c)) return c.redirect(`/evidence/${id}`, 303);
    const at = new Date(nowMs);
    try {
      const { evidence, now } = await rerunEvidence(ctx, hub, id);
      const body = evidenceBody({ ...evidence, ...now });
      const view = {
        at,
        durationMs: now.durationMs,
        result: { kind: "answered" as const, finding: now.finding, body },
      };
      return c.html(<RerunResult view={view} />);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      const view = {
        at,
        durationMs: hub.clock.nowMs() - nowMs,
        result: { kind: "failed" as const, reason: error.message },
      };
      return c.html(<RerunResult view={view} />);
    }
  });
  return app;
}

function viewOf(row: StoredEvidence): EvidencePageView {
  const { id, tool, title, finding, query, collectedAt, durationMs } = row;
  return {
    id,
    tool,
    title,
    finding,
    query,
    collectedAt,
    durationMs,
    arguments: argumentsOf(row),
    stored: evidenceBody(row),
  };
}

const TIME_NAMES = new Set(["startMs", "endMs", "aboutMs", "nowMs"]);
const scoped = z.looseObject({ scope: z.record(z.string(), z.unknown()).optional() });

/** Arguments as a person reads them: times as times, the scope beside them. */
function argumentsOf(row: EvidenceRow): [string, string][] {
  const { scope, ...own } = scoped.parse(row.queryArguments);
  const site = typeof scope?.["site"] === "string" ? { site: scope["site"] } : {};
  return Object.entries({ ...own, ...site }).map(([name, value]) => [name, argumentText(name, value)]);
}

function argumentText(name: string, value: unknown): string {
  if (TIME_NAMES.has(name) && typeof value === "number") return new Date(value).toISOString();
  return typeof value === "string" ? value : JSON.stringify(value);
}
