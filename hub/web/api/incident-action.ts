import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { HubError } from "../../error.ts";
import {
  type Acknowledgement,
  acknowledgeIncident,
  assignIncident,
  type ChangeResult,
  COMMENT_CHARACTERS_MAX,
  commentIncident,
  type Incident,
  reopenIncident,
  resolveIncident,
  silenceIncident,
  startProgress,
} from "../../incident/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { incidentSchema } from "./incident.ts";
import { apiRoute, body, idParam, ok } from "./route.ts";

const revision = z.int().min(1).optional().describe("What you saw; when somebody was faster the change is refused.");
const reason = z.string().max(500);

function action<S extends z.ZodType>(name: string, summary: string, input: S) {
  return apiRoute("operator", {
    method: "post" as const,
    path: `/api/v1/incidents/{id}/${name}`,
    tags: ["Incidents"],
    summary,
    description: "409 when it is not in a state that allows this, or somebody was faster; `by` names that person.",
    request: { params: idParam, body: body(input) },
    responses: ok(incidentSchema, "The incident as it is now."),
  });
}

const bare = z.strictObject({ revision });
const acknowledge = action("acknowledge", "Take a new incident into your hands", bare);
const start = action("start", "Say that work has begun", bare);
const resolve = action("resolve", "End it by hand", z.strictObject({ revision, reason: reason.optional() }));
const reopen = action("reopen", "Bring it back to new", z.strictObject({ revision, reason: reason.optional() }));
const silence = action(
  "silence",
  "Take it out of sight for a time; it comes back then, or when it gets worse",
  z
    .strictObject({
      revision,
      reason: reason.min(1),
      until: z.iso.datetime({ offset: true }).optional().describe("30 days ahead at most; 24 hours when not given."),
      for_minutes: z.int().min(1).max(43_200).optional().describe("Instead of until."),
    })
    .refine((input) => input.until === undefined || input.for_minutes === undefined, "until or for_minutes, not both"),
);
const assign = action("assign", "Hand it to a person", z.strictObject({ revision, user_id: z.uuid().nullable() }));
const comment = action(
  "comment",
  "Add words to the timeline",
  z.strictObject({ revision, text: z.string().min(1).max(COMMENT_CHARACTERS_MAX) }),
);

export function incidentActionRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(acknowledge, async (c) => {
    const input = { incidentId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(acknowledged(await acknowledgeIncident(contextOf(hub, c), input)), 200);
  });
  app.openapi(start, async (c) => {
    const input = { incidentId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(changed(await startProgress(contextOf(hub, c), input)), 200);
  });
  app.openapi(resolve, async (c) => {
    const input = { incidentId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(changed(await resolveIncident(contextOf(hub, c), input)), 200);
  });
  app.openapi(reopen, async (c) => {
    const input = { incidentId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(changed(await reopenIncident(contextOf(hub, c), input)), 200);
  });
  app.openapi(silence, async (c) => {
    const { until, for_minutes, ...input } = c.req.valid("json");
    const forMs = for_minutes === undefined ? undefined : hub.clock.nowMs() + for_minutes * 60_000;
    const untilMs = until === undefined ? forMs : Date.parse(until);
    const silenced = await silenceIncident(contextOf(hub, c), {
      incidentId: c.req.valid("param").id,
      ...input,
      untilMs,
    });
    return c.json(changed(silenced), 200);
  });
  app.openapi(assign, async (c) => {
    const { revision, user_id } = c.req.valid("json");
    const input = { incidentId: c.req.valid("param").id, revision, userId: user_id };
    return c.json(changed(await assignIncident(contextOf(hub, c), input)), 200);
  });
  app.openapi(comment, async (c) => {
    const input = { incidentId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(changed(await commentIncident(contextOf(hub, c), input)), 200);
  });
  return app;
}

function acknowledged(result: Acknowledgement): Incident {
  if (result.kind === "acknowledged") return result.incident;
  const { by, incident } = result;
  throw new HubError("conflict", `INC-${incident.number} is ${incident.status} already, by ${by}.`, { by, incident });
}

function changed(result: ChangeResult): Incident {
  const { incident } = result;
  switch (result.kind) {
    case "changed":
      return incident;
    case "stale":
      throw new HubError(
        "conflict",
        `INC-${incident.number} was changed by ${result.by} meanwhile: it is at revision ${incident.revision}. Look again.`,
        { by: result.by, incident },
      );
    case "wrong-status":
      throw new HubError("conflict", `${result.message}. The last change was by ${result.by}.`, {
        by: result.by,
        incident,
      });
  }
}
