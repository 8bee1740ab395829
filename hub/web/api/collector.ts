import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { listCollectors } from "../../device/index.ts";
import { createEnrollmentToken, revokeCollector } from "../../identity/index.ts";
import { pushConfig } from "../../link/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, body, idParam, ok, time } from "./route.ts";

const collector = z
  .object({
    id: z.uuid(),
    name: z.string(),
    site: z.string(),
    siteId: z.uuid(),
    version: z.string(),
    status: z.enum(["streaming", "disconnected", "revoked"]),
    enrolledAt: time,
    lastSeenAt: time.optional(),
    certificateNotAfter: time,
    clockOffsetMs: z.number().optional().describe("Site clock minus hub clock."),
    samplesPending: z.number().optional(),
    eventsPending: z.number().optional(),
    allowedScripts: z.array(z.string()),
    configVersion: z.int().describe("In force; 0 is the collector's own file."),
    pushedConfig: z
      .object({ version: z.int(), state: z.enum(["pushed", "applied", "refused"]), reason: z.string() })
      .optional()
      .describe("The newest one pushed, and why the collector refused it if it did."),
    devices: z.int(),
  })
  .openapi("Collector");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/collectors",
  tags: ["Collectors"],
  summary: "Collectors, by site and name; at most 2,000",
  responses: ok(z.object({ collectors: z.array(collector) }), "The collectors."),
});

const push = apiRoute("admin", {
  method: "post",
  path: "/api/v1/collectors/{id}/config",
  tags: ["Collectors"],
  summary: "Push a new configuration",
  description: "The pushed part (poll, devices, rules), whole. The collector checks it and answers on the bus.",
  request: { params: idParam, body: body(z.strictObject({ yaml: z.string().min(1).max(1_000_000) })) },
  responses: {
    202: {
      description: "Stored; sent now, or when the collector returns.",
      content: { "application/json": { schema: z.object({ version: z.int(), sent: z.boolean() }) } },
    },
  },
});

const revoke = apiRoute("admin", {
  method: "post",
  path: "/api/v1/collectors/{id}/revoke",
  tags: ["Collectors"],
  summary: "End a collector's identity for good",
  request: { params: idParam },
  responses: { 204: { description: "Revoked, and its stream is closed." } },
});

const token = apiRoute("admin", {
  method: "post",
  path: "/api/v1/enrollment-tokens",
  tags: ["Collectors"],
  summary: "Make a one-time token that lets one collector join a site",
  request: {
    body: body(
      z.strictObject({
        site: z.string().min(1).max(63).describe("Made when it is new."),
        expires_in_ms: z.int().min(1_000).max(604_800_000).optional().describe("One hour when not given."),
      }),
    ),
  },
  responses: {
    201: {
      description: "The token. It is shown once.",
      content: {
        "application/json": {
          schema: z.object({ id: z.uuid(), token: z.string(), site: z.string(), expiresAt: time }),
        },
      },
    },
  },
});

export function collectorRoutes({ hub, links, keys, enrollmentAddress }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => c.json({ collectors: await listCollectors(contextOf(hub, c)) }, 200));
  app.openapi(push, async (c) => {
    const { yaml } = c.req.valid("json");
    const collectorId = c.req.valid("param").id;
    return c.json(await pushConfig(contextOf(hub, c), links, { collectorId, yaml }), 202);
  });
  app.openapi(revoke, async (c) => {
    const { id } = c.req.valid("param");
    await revokeCollector(contextOf(hub, c), id);
    links.close(id, "this collector's identity was revoked.");
    return c.body(null, 204);
  });
  app.openapi(token, async (c) => {
    const { site, expires_in_ms } = c.req.valid("json");
    const made = await createEnrollmentToken(contextOf(hub, c), {
      site,
      ...(expires_in_ms === undefined ? {} : { expiresInMs: expires_in_ms }),
      address: enrollmentAddress,
      caFingerprint: keys.certificates.fingerprint,
    });
    return c.json(made, 201);
  });
  return app;
}
