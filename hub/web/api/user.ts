import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ROLES } from "../../context.ts";
import { listUsers } from "../../identity/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, ok } from "./route.ts";

const user = z
  .object({ id: z.uuid(), email: z.string(), name: z.string(), role: z.enum(ROLES), active: z.boolean() })
  .openapi("User");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/users",
  tags: ["People"],
  summary: "People, by name; at most 1,000",
  responses: ok(z.object({ users: z.array(user) }), "The people."),
});

export function userRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => c.json({ users: await listUsers(contextOf(hub, c)) }, 200));
  return app;
}
