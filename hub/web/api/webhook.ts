import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ALERTS_MAX, receiveWebhook, WEBHOOK_SOURCES } from "../../alert/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute } from "./route.ts";

const incidentIds = z.array(z.string());

const receive = apiRoute("operator", {
  method: "post",
  path: "/api/v1/webhooks/{source}",
  tags: ["Incidents"],
  summary: "Take alerts of another system",
  description:
    `At most ${ALERTS_MAX} alerts, as Grafana and Alertmanager send them, or {title, status, severity, site, device, …} ` +
    "for anything else. Taken whole or not at all. Labels site, device (or instance) and severity place an alert.",
  request: {
    params: z.object({ source: z.enum(WEBHOOK_SOURCES) }),
    // The room behind reads the body itself: its refusals name the source and what that sends.
    body: { required: true, content: { "application/json": { schema: { type: "object" } } } },
  },
  responses: {
    202: {
      description: "Stored, and every incident it belongs to is up to date.",
      content: {
        "application/json": {
          schema: z
            .object({
              alerts: z.int(),
              withoutSite: z.int().describe("Of those, how many name no site of ours."),
              stored: z.int(),
              opened: incidentIds,
              reopened: incidentIds,
              merged: incidentIds,
              resolved: incidentIds,
            })
            .openapi("WebhookReceived"),
        },
      },
    },
  },
});

export function webhookRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(receive, async (c) => {
    const { source } = c.req.valid("param");
    return c.json(await receiveWebhook(contextOf(hub, c), { source, body: await c.req.text() }), 202);
  });
  return app;
}
