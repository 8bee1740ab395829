import type { MiddlewareHandler } from "hono";
import { HubError } from "../../error.ts";
import type { WebEnv, WebRequest } from "../request.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * A browser sends its cookie whoever wrote the form. So a request that changes something by cookie, or that signs in,
 * must say that it comes from this hub's own pages. Bearer tokens are never sent by themselves and need no check.
 */
export function requireSameOrigin(publicUrl: URL): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const byCookie = c.get("caller")?.by === "session" || c.req.path === "/sign-in";
    if (!byCookie || SAFE_METHODS.has(c.req.method) || isSameOrigin(c, publicUrl)) return next();
    throw new HubError(
      "forbidden",
      `${c.req.method} ${c.req.path} came from ${c.req.header("origin") ?? "a page of unknown origin"}. ` +
        `Changes by session are taken from ${publicUrl.origin} only; programs use a bearer token.`,
    );
  };
}

function isSameOrigin(c: WebRequest, publicUrl: URL): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  // Browsers leave Sec-Fetch-Site out on plain http beyond localhost, but never the Origin of a POST.
  const origin = c.req.header("origin");
  return origin !== undefined && (origin === publicUrl.origin || origin === new URL(c.req.url).origin);
}
