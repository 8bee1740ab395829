import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import {
  addScriptVersion,
  createScript,
  getScript,
  listScripts,
  scriptDraftSchema,
  scriptNameSchema,
} from "../../automation/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, body, idParam, nextCursor, ok, pageQuery, time } from "./route.ts";

const summary = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    latestVersion: z.int(),
    createdAt: time,
  })
  .openapi("Script");

const detail = summary
  .extend({
    versions: z.array(
      z.object({
        id: z.uuid(),
        version: z.int(),
        argv: z.array(z.string()),
        body: z.string(),
        parameterSchema: z.record(z.string(), z.unknown()),
        timeoutMs: z.int(),
        outputBytesMax: z.int(),
        sha256: z.string().describe("Over the canonical script: name, version, argv, body, schema and caps."),
        createdAt: time,
      }),
    ),
  })
  .openapi("ScriptDetail");

const made = {
  201: {
    description: "Stored. Versions never change.",
    content: { "application/json": { schema: z.object({ id: z.uuid(), version: z.int() }) } },
  },
} as const;

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/scripts",
  tags: ["Automation"],
  summary: "Scripts, by name",
  request: { query: pageQuery },
  responses: ok(z.object({ scripts: z.array(summary), nextCursor }), "One page of scripts."),
});

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/scripts/{id}",
  tags: ["Automation"],
  summary: "One script with its versions, newest first",
  request: { params: idParam },
  responses: ok(detail, "The script."),
});

const create = apiRoute("admin", {
  method: "post",
  path: "/api/v1/scripts",
  tags: ["Automation"],
  summary: "Store a script with its first version",
  request: {
    body: body(scriptDraftSchema.extend({ name: scriptNameSchema, description: z.string().max(1_000).default("") })),
  },
  responses: made,
});

const addVersion = apiRoute("admin", {
  method: "post",
  path: "/api/v1/scripts/{id}/versions",
  tags: ["Automation"],
  summary: "Add a version",
  request: { params: idParam, body: body(scriptDraftSchema) },
  responses: made,
});

export function scriptRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => {
    const page = await listScripts(contextOf(hub, c), c.req.valid("query"));
    return c.json({ scripts: page.items, nextCursor: page.nextCursor }, 200);
  });
  app.openapi(get, async (c) => c.json(await getScript(contextOf(hub, c), { scriptId: c.req.valid("param").id }), 200));
  app.openapi(create, async (c) => c.json(await createScript(contextOf(hub, c), c.req.valid("json")), 201));
  app.openapi(addVersion, async (c) => {
    const input = { scriptId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(await addScriptVersion(contextOf(hub, c), input), 201);
  });
  return app;
}
