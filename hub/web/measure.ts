import type { MiddlewareHandler } from "hono";
import type { Meters } from "../status/index.ts";
import type { WebEnv } from "./request.ts";

/** Counts every request with the time to its response's head; streams count when they begin. */
export function measure(meters: Pick<Meters, "httpRequest">): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const startMs = performance.now();
    await next();
    const seconds = (performance.now() - startMs) / 1_000;
    meters.httpRequest({ method: c.req.method, status: c.res.status, seconds });
  };
}
