import { OpenAPIHono } from "@hono/zod-openapi";
import { EvidencePage, type EvidencePageView, RerunResult } from "@watchpost/ui";
import { z } from "zod";
import { getEvidence, rerunEvidence, type StoredEvidence } from "../../assistant/index.ts";
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
      live: "shell",
    });
    return c.html(<EvidencePage shell={shell} view={viewOf(row)} />);
  });

  app.get("/evidence/:id/now", async (c) => {
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

const scoped = z.looseObject({
  startMs: z.number().optional(),
  endMs: z.number().optional(),
  stepS: z.number().optional(),
  scope: z.looseObject({ site: z.string().optional(), aboutMs: z.number().optional() }).optional(),
});

/** Arguments as a person reads them: times as times, where and when it was asked about beside them. */
function argumentsOf(row: StoredEvidence): [string, string][] {
  const { scope, startMs, endMs, stepS, ...own } = scoped.parse(row.queryArguments);
  const facts: [string, string | undefined][] = [
    ["site", scope?.site],
    ...Object.entries(own).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
    ["from", timeText(startMs)],
    ["to", timeText(endMs)],
    ["step", stepS === undefined ? undefined : `${stepS} s`],
    ["event at", timeText(scope?.aboutMs)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
