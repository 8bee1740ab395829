import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { HubError } from "../error.ts";
import { apiRoutes, mountDocument } from "./api/index.ts";
import {
  authenticate,
  requireIdentity,
  requireOperatorToChange,
  requireSameOrigin,
  signInRoutes,
} from "./auth/index.ts";
import type { WebDependencies } from "./dependencies.ts";
import { webHeaders } from "./headers.ts";
import { liveRoutes } from "./live/index.ts";
import { measure } from "./measure.ts";
import { errorPage, pageRoutes } from "./page/index.ts";
import { problemFrom, problemResponse } from "./problem.ts";
import { type WebApp, type WebEnv, wantsPage } from "./request.ts";
import { streamRoutes } from "./stream/index.ts";
import { refuseInvalid } from "./validation.ts";
import { openViews } from "./view/index.ts";

const BODY_BYTES_MAX = 1_048_576;

/** The hub's whole HTTP side: who asks is settled before any route is looked at. */
export function createApp(deps: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>({ defaultHook: refuseInvalid });
  app.onError((error, c) => {
    const problem = problemFrom(error, c);
    if (problem.status >= 500)
      deps.hub.log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "request failed");
    return wantsPage(c) ? errorPage(c, problem) : problemResponse(problem);
  });
  app.notFound((c) => {
    const asPage = wantsPage(c);
    const next = asPage ? "The link may be old." : "See /api/openapi.json.";
    const what = asPage ? "page" : c.req.method;
    const missing = new HubError("not-found", `There is no ${what} ${c.req.path.slice(0, 200)}. ${next}`);
    const problem = problemFrom(missing, c);
    return asPage ? errorPage(c, problem) : problemResponse(problem);
  });

  app.use(requestId());
  app.use(measure(deps.meters));
  app.use(webHeaders(deps.publicUrl.protocol === "https:"));
  app.use(authenticate(deps));
  app.use(requireIdentity());
  app.use(requireSameOrigin(deps.publicUrl));
  app.use(requireOperatorToChange());
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: refuseLarge }));

  app.route("/", signInRoutes(deps));
  app.route("/", streamRoutes(deps));
  app.route("/", apiRoutes(deps));
  const views = openViews(deps.hub);
  app.route("/", pageRoutes(deps, views));
  app.route("/", liveRoutes(deps, views));
  mountDocument(app);
  return app;
}

function refuseLarge(): never {
  throw new HubError("too-large", `The body is above the limit of ${BODY_BYTES_MAX} bytes. Send it in parts.`);
}
