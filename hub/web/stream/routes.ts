import { OpenAPIHono, z } from "@hono/zod-openapi";
import { apiRoute } from "../api/route.ts";
import { findCaller } from "../auth/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { callerOf, type WebApp, type WebEnv } from "../request.ts";
import { refuseInvalid } from "../validation.ts";
import { insightSource } from "./ai-stream.ts";

const busId = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const aiStream = apiRoute("viewer", {
  method: "get",
  path: "/ai-stream",
  tags: ["Analysis"],
  summary: "Live steps of analyses, as server-sent events",
  description:
    "Each message is one Insight as JSON; its id is ascending. Reconnect with Last-Event-ID to get what was missed. " +
    "A comment every 15 s keeps the connection; a reader that falls 8 MiB behind gets `event: cut` and is closed.",
  request: {
    query: z.object({
      incident: z.uuid().optional().describe("Only of this incident or session."),
      site: z.string().max(63).optional().describe("Only of this site, by name."),
      after: busId.optional().describe("Like Last-Event-ID, for clients that cannot set headers."),
    }),
    headers: z.object({ "last-event-id": busId.optional() }),
  },
  responses: {
    200: { description: "An endless stream.", content: { "text/event-stream": { schema: z.string() } } },
  },
});

export function streamRoutes(deps: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>({ defaultHook: refuseInvalid });
  app.openapi(aiStream, (c) => {
    const { incident, site, after } = c.req.valid("query");
    const lastId = c.req.valid("header")["last-event-id"] ?? after;
    const stillAllowed = async () => (await findCaller(deps, c)) !== undefined;
    const reader = { owner: callerOf(c).actor.userId, stillAllowed };
    return deps.streams.open(insightSource(deps.hub, { incident, site, after: lastId }), reader);
  });
  return app;
}
