import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { checkReady } from "../../status/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import type { WebApp, WebEnv } from "../request.ts";
import { apiRoute, ok } from "./route.ts";

const readiness = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "failed", "off"]) })),
  })
  .openapi("Readiness");

const healthz = apiRoute("public", {
  method: "get",
  path: "/healthz",
  tags: ["Health"],
  summary: "Whether the process answers",
  responses: ok(z.object({ status: z.literal("ok") }), "It does."),
});

const readyz = apiRoute("public", {
  method: "get",
  path: "/readyz",
  tags: ["Health"],
  summary: "Whether the hub can take events and show them",
  responses: {
    200: { description: "It can.", content: { "application/json": { schema: readiness } } },
    503: { description: "It cannot now.", content: { "application/json": { schema: readiness } } },
  },
});

const metrics = apiRoute("viewer", {
  method: "get",
  path: "/metrics",
  tags: ["Health"],
  summary: "What the hub counts of itself, in Prometheus text format",
  responses: { 200: { description: "Metrics.", content: { "text/plain": { schema: z.string() } } } },
});

export function healthRoutes({ hub, meters }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(healthz, (c) => c.json({ status: "ok" as const }, 200));
  app.openapi(readyz, async (c) => {
    const { ready, checks } = await checkReady(hub);
    // Why something failed names hosts and ports: that is for the log, not for everybody.
    if (!ready) hub.log.warn({ checks }, "not ready");
    const shown = { ready, checks: checks.map(({ name, state }) => ({ name, state })) };
    return ready ? c.json(shown, 200) : c.json(shown, 503);
  });
  app.openapi(metrics, async (c) => c.text(await meters.text(), 200, { "content-type": meters.contentType }));
  return app;
}
