import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context as HonoContext } from "hono";
import type { Actor, Context } from "../context.ts";
import { HubError } from "../error.ts";
import { contextFor, type Hub } from "../hub.ts";

/** Who asks, as the authentication middleware found it, and by which credential. */
export interface Caller {
  actor: Extract<Actor, { kind: "person" | "token" }>;
  by: "session" | "bearer";
}

/** What middlewares leave for the routes. */
export interface WebEnv {
  Variables: { requestId: string; caller?: Caller };
}

export type WebApp = OpenAPIHono<WebEnv>;
export type WebRequest = HonoContext<WebEnv>;

/** The caller of a route that is not public; the guard has let nobody else through. */
export function callerOf(c: WebRequest): Caller {
  const caller = c.get("caller");
  if (!caller) throw new HubError("unauthenticated", `${c.req.path} needs a session or a bearer token.`);
  return caller;
}

/** What domain verbs take, for the caller of this request. */
export function contextOf(hub: Hub, c: WebRequest): Context {
  return contextFor(hub, callerOf(c).actor);
}

/** Whether the other side is a person's browser that wants a page, not a program or a fragment request. */
export function wantsPage(c: WebRequest): boolean {
  const { path, method } = c.req;
  if (path.startsWith("/api/") || method !== "GET" || c.req.header("hx-request") !== undefined) return false;
  return (c.req.header("accept") ?? "").includes("text/html");
}
