import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { listSites } from "../../device/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, ok } from "./route.ts";

const site = z
  .object({
    id: z.uuid(),
    name: z.string(),
    title: z.string(),
    collectors: z.int(),
    collectorsStreaming: z.int(),
    devices: z.int(),
    devicesDown: z.int(),
  })
  .openapi("Site");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/sites",
  tags: ["Sites"],
  summary: "Sites, by name; at most 2,000",
  responses: ok(z.object({ sites: z.array(site) }), "The sites."),
});

export function siteRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => c.json({ sites: await listSites(contextOf(hub, c)) }, 200));
  return app;
}
