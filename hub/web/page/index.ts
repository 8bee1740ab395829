import { OpenAPIHono } from "@hono/zod-openapi";
import { automationPorts, type WebDependencies } from "../dependencies.ts";
import { problemFrom, problemResponse } from "../problem.ts";
import { type WebApp, type WebEnv, wantsPage } from "../request.ts";
import type { Views } from "../view/index.ts";
import { fromHtmx } from "./answer.tsx";
import { approvalRoutes } from "./approval.tsx";
import { assetRoutes } from "./asset.ts";
import { deviceRoutes } from "./device.tsx";
import { discoveryRoutes } from "./discovery.tsx";
import { enrolRoutes } from "./enrol.tsx";
import { errorPage, errorToast } from "./error.tsx";
import { evidenceRoutes } from "./evidence.tsx";
import { incidentActionRoutes } from "./incident-action.tsx";
import { incidentRoutes } from "./incident.tsx";
import { overviewRoutes } from "./overview.tsx";
import { searchRoutes } from "./search.tsx";
import { scriptRoutes } from "./script.tsx";

export { errorPage } from "./error.tsx";

/** Every page and every button on it. */
export function pageRoutes(deps: WebDependencies, views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.onError((error, c) => {
    const problem = problemFrom(error, c);
    if (problem.status >= 500)
      deps.hub.log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "request failed");
    if (fromHtmx(c)) return errorToast(c, problem);
    return wantsPage(c) || c.req.method === "POST" ? errorPage(c, problem) : problemResponse(problem);
  });
  app.route("/", assetRoutes());
  app.route("/", overviewRoutes(views));
  app.route("/", incidentActionRoutes(views));
  app.route("/", incidentRoutes(views));
  app.route("/", evidenceRoutes(views));
  app.route("/", deviceRoutes(views));
  app.route("/", discoveryRoutes(views, deps));
  app.route("/", enrolRoutes(views, deps));
  app.route("/", searchRoutes(views));
  app.route("/", scriptRoutes(views));
  app.route("/", approvalRoutes(views, automationPorts(deps)));
  return app;
}
