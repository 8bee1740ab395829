import { OpenAPIHono } from "@hono/zod-openapi";
import {
  acknowledgeIncident,
  type ChangeResult,
  commentIncident,
  reopenIncident,
  resolveIncident,
  silenceIncident,
  startProgress,
} from "../../incident/index.ts";
import type { WebApp, WebEnv, WebRequest } from "../request.ts";
import { incidentRegions, type Source, type Views } from "../view/index.ts";
import { type Answer, answer, formFields, requireId } from "./answer.tsx";
import { readerOf } from "./shell.ts";

const ACKNOWLEDGED_AT_ONCE_MAX = 100;

/** The buttons of incidents. Each is one verb; the loser of a race is told who was faster. */
export function incidentActionRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.post("/incidents/acknowledge", async (c) => {
    const source = readerOf(views, c);
    const { incident } = await c.req.parseBody({ all: true });
    const ids = [incident]
      .flat()
      .filter((id) => typeof id === "string")
      .slice(0, ACKNOWLEDGED_AT_ONCE_MAX);
    const said: string[] = [];
    for (const id of ids) {
      const result = await acknowledgeIncident(source.ctx, { incidentId: requireId("incident", id) });
      if (result.kind === "already-claimed")
        said.push(`INC-${result.incident.number} was already taken by ${result.by}`);
    }
    const say = said.length > 0 ? said.join(". ") : `${ids.length} acknowledged`;
    return answer(c, {
      regions: [],
      say: { tone: said.length > 0 ? "warning" : "info", text: say },
      back: "/incidents",
    });
  });

  app.post("/incidents/:id/acknowledge", async (c) => {
    const { source, id, revision } = await changeOf(views, c);
    const result = await acknowledgeIncident(source.ctx, { incidentId: id, revision });
    const refusal = result.kind === "already-claimed" ? `${result.by} was faster.` : undefined;
    return answer(c, await incidentAnswer(c, source, { id, refusal }));
  });

  on(app, "start", (source, id, { revision }) => startProgress(source.ctx, { incidentId: id, revision }));
  on(app, "resolve", (source, id, { revision }) => resolveIncident(source.ctx, { incidentId: id, revision }));
  on(app, "reopen", (source, id, { revision }) => reopenIncident(source.ctx, { incidentId: id, revision }));
  on(app, "silence", (source, id, { revision, reason, silenceMs }) => {
    const untilMs = silenceMs === undefined ? undefined : source.nowMs + silenceMs;
    return silenceIncident(source.ctx, { incidentId: id, revision, reason, untilMs });
  });
  on(app, "comment", (source, id, { text }) => commentIncident(source.ctx, { incidentId: id, text }));
  return app;

  type Change = Awaited<ReturnType<typeof changeOf>>;

  function on(
    to: WebApp,
    verb: string,
    change: (source: Source, id: string, fields: Omit<Change, "source" | "id">) => Promise<ChangeResult>,
  ): void {
    to.post(`/incidents/:id/${verb}`, async (c) => {
      const { source, id, ...fields } = await changeOf(views, c);
      const result = await change(source, id, fields);
      return answer(c, await incidentAnswer(c, source, { id, refusal: refusalOf(result) }));
    });
  }
}

async function changeOf(views: Views, c: WebRequest) {
  const fields = await formFields(c);
  const revision = Number(fields["revision"]);
  return {
    source: readerOf(views, c),
    id: requireId("incident", c.req.param("id")),
    revision: Number.isSafeInteger(revision) && revision > 0 ? revision : undefined,
    reason: fields["reason"] ?? "",
    silenceMs: fields["hours"] === undefined ? undefined : Number(fields["hours"]) * 3_600_000,
    text: fields["text"] ?? "",
  };
}

function refusalOf(result: ChangeResult): string | undefined {
  switch (result.kind) {
    case "changed":
      return undefined;
    case "stale":
      return `${result.by} changed this incident meanwhile. The page shows how it is now; look again.`;
    case "wrong-status":
      return `${result.message}; ${result.by} was faster.`;
  }
}

/** The incident's own page gets its regions; a list only a word, because its live stream brings the row. */
async function incidentAnswer(
  c: WebRequest,
  source: Source,
  { id, refusal }: { id: string; refusal: string | undefined },
): Promise<Answer> {
  const page = `/incidents/${id}`;
  const onItsPage = new URL(c.req.header("hx-current-url") ?? page, "http://hub").pathname === page;
  return {
    regions: onItsPage ? await incidentRegions(source, id) : [],
    ...(refusal === undefined ? {} : { say: { tone: "warning" as const, text: refusal } }),
    back: page,
  };
}
