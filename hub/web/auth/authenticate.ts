import type { MiddlewareHandler } from "hono";
import { HubError } from "../../error.ts";
import { findApiToken, findSession } from "../../identity/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import type { Caller, WebEnv, WebRequest } from "../request.ts";
import { isPublic } from "./access.ts";
import { readSessionCookie } from "./cookie.ts";

const CREDENTIAL_CHARACTERS_MAX = 512;

/** Turns a bearer token or a session cookie into the caller. A bad bearer token is an error, a stale cookie is nobody. */
export function authenticate(deps: WebDependencies): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    if (!isPublic(c.req.path)) {
      const caller = await findCaller(deps, c);
      if (caller) c.set("caller", caller);
      // What one person may see must not be kept for the next.
      c.header("cache-control", "no-store");
    }
    return next();
  };
}

/** Who a request comes from now. Long-lived streams ask again, because sessions end and tokens are revoked. */
export async function findCaller({ hub, publicUrl }: WebDependencies, c: WebRequest): Promise<Caller | undefined> {
  const authorization = c.req.header("authorization");
  if (authorization !== undefined) {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization.slice(0, CREDENTIAL_CHARACTERS_MAX))?.[1];
    const actor = token === undefined ? undefined : await findApiToken(hub.db, hub.clock, token);
    if (actor) return { actor, by: "bearer" };
    throw new HubError("unauthenticated", "The bearer token is not known, has expired or was revoked. Ask an admin.");
  }
  const cookie = readSessionCookie(c, publicUrl)?.slice(0, CREDENTIAL_CHARACTERS_MAX);
  const actor = cookie === undefined ? undefined : await findSession(hub.db, hub.clock, cookie);
  return actor && { actor, by: "session" };
}
