import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { z } from "zod";
import type { Role } from "../../context.ts";
import { requireRole } from "../auth/index.ts";

const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("For people: what, which object, which numbers, what to do next."),
    code: z.string().describe("Stable; programs decide by it."),
    instance: z.string(),
    requestId: z.string(),
    errors: z
      .array(z.object({ in: z.string(), field: z.string(), expected: z.string() }))
      .optional()
      .describe("Which fields were wrong, and what was expected there."),
  })
  .openapi("Problem");

const PROBLEM = {
  description: "Anything else, as RFC 9457 problem details.",
  content: { "application/problem+json": { schema: problemSchema } },
};
const CREDENTIALS = [{ bearer: [] }, { session: [] }];

/**
 * A route of the API with the least role that may use it. What it refuses is thrown and becomes problem details in one
 * place, so handlers and their types know the good answers alone; the document still tells of the others.
 */
export function apiRoute<R extends Omit<RouteConfig, "security" | "middleware"> & { path: string }>(
  least: Role | "public",
  config: R,
) {
  const security = least === "public" ? [] : CREDENTIALS;
  const middleware = least === "public" ? [] : [requireRole(least)];
  const description = [config.description, `Role: ${least}.`].filter(Boolean).join("\n\n");
  const responses = { ...config.responses, default: PROBLEM };
  const whole = createRoute({ ...config, description, security, middleware, responses });
  return whole as unknown as R & { getRoutingPath(): string };
}

/** 200 with a JSON body. */
export function ok<S extends z.ZodType>(schema: S, description: string) {
  return { 200: { description, content: { "application/json": { schema } } } } as const;
}

/** A JSON request body that must be there. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

export const idParam = z.object({ id: z.uuid() });

/** Query of every list that comes in pages. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).optional().describe("Rows a page, 1 to 200."),
  cursor: z.string().min(1).max(500).optional().describe("nextCursor of the page before."),
});

export const nextCursor = z.string().nullable().describe("Null on the last page.");

/** Dates leave as ISO 8601 text. */
export const time = z.date().openapi({ type: "string", format: "date-time" });
