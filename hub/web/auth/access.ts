import type { MiddlewareHandler } from "hono";
import { ROLES, type Role } from "../../context.ts";
import { HubError } from "../../error.ts";
import { callerOf, type WebEnv, type WebRequest, wantsPage } from "../request.ts";

/** The only paths that answer without credentials. Everything else, known or not, asks who you are first. */
const PUBLIC_PATHS = new Set(["/healthz", "/readyz", "/sign-in"]);
const PUBLIC_PREFIX = "/assets/";

export function isPublic(path: string): boolean {
  return PUBLIC_PATHS.has(path) || path.startsWith(PUBLIC_PREFIX);
}

/** Lets nobody without an identity past; a browser is shown the way to the sign-in page. */
export function requireIdentity(): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    if (isPublic(c.req.path) || c.get("caller")) return next();
    if (wantsPage(c)) return c.redirect(signInPath(c), 303);
    return callerOf(c) && next();
  };
}

function signInPath(c: WebRequest): string {
  const { pathname, search } = new URL(c.req.url);
  const back = pathname + search;
  return back === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(back.slice(0, 500))}`;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** What a viewer may POST, because it changes nothing of the system: ask a question again, leave. */
const VIEWER_POSTS = /^\/(sign-out|evidence\/[^/]+\/run|api\/v1\/evidence\/[^/]+\/rerun)$/;

/** The floor under all routes, whatever they ask for themselves: who may only view cannot change anything. */
export function requireOperatorToChange(): MiddlewareHandler<WebEnv> {
  const least = requireRole("operator");
  return async (c, next) => {
    const { method, path } = c.req;
    return SAFE_METHODS.has(method) || isPublic(path) || VIEWER_POSTS.test(path) ? next() : least(c, next);
  };
}

/** For one route: the least role that may use it. The verb behind it checks its own permission again. */
export function requireRole(least: Role): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const { role } = callerOf(c).actor;
    if (ROLES.indexOf(role) < ROLES.indexOf(least)) {
      const detail = `${c.req.method} ${c.req.path} needs the role ${least}; you have ${role}. Ask an admin.`;
      throw new HubError("forbidden", detail, { least });
    }
    return next();
  };
}
