import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { HubError } from "../error.ts";
import { authenticate, requireIdentity, requireSameOrigin, signInRoutes } from "./auth/index.ts";
import type { WebDependencies } from "./dependencies.ts";
import { webHeaders } from "./headers.ts";
import { problemFrom, problemResponse } from "./problem.ts";
import type { WebApp, WebEnv } from "./request.ts";
import { streamRoutes } from "./stream/index.ts";
import { refuseInvalid } from "./validation.ts";

const BODY_BYTES_MAX = 1_048_576;

/** The hub's whole HTTP side: who asks is settled before any route is looked at. */
export function createApp(deps: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>({ defaultHook: refuseInvalid });
  app.onError((error, c) => {
    const problem = problemFrom(error, c);
    if (problem.status >= 500)
      deps.hub.log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "request failed");
    return problemResponse(problem);
  });
  app.notFound((c) => {
    const missing = new HubError("not-found", `There is no ${c.req.method} ${c.req.path}. See /api/openapi.json.`);
    return problemResponse(problemFrom(missing, c));
  });

  app.use(requestId());
  app.use(webHeaders(deps.publicUrl.protocol === "https:"));
  app.use(authenticate(deps));
  app.use(requireIdentity());
  app.use(requireSameOrigin(deps.publicUrl));
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: refuseLarge }));

  app.route("/", signInRoutes(deps));
  app.route("/", streamRoutes(deps));
  return app;
}

function refuseLarge(): never {
  throw new HubError("too-large", `The body is above the limit of ${BODY_BYTES_MAX} bytes. Send it in parts.`);
}
