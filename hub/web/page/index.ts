import { OpenAPIHono } from "@hono/zod-openapi";
import type { AutomationPorts } from "../../automation/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { problemFrom, problemResponse } from "../problem.ts";
import { type WebApp, type WebEnv, wantsPage } from "../request.ts";
import type { Views } from "../view/index.ts";
import { fromHtmx } from "./answer.tsx";
import { approvalRoutes } from "./approval.tsx";
import { assetRoutes } from "./asset.ts";
import { deviceRoutes } from "./device.tsx";
import { type EnrolmentAddress, enrolRoutes } from "./enrol.tsx";
import { errorPage, errorToast } from "./error.tsx";
import { evidenceRoutes } from "./evidence.tsx";
import { incidentActionRoutes } from "./incident-action.tsx";
import { incidentRoutes } from "./incident.tsx";
import { overviewRoutes } from "./overview.tsx";
import { scriptRoutes } from "./script.tsx";

export type { EnrolmentAddress } from "./enrol.tsx";
export { errorPage } from "./error.tsx";

export interface PageDependencies extends WebDependencies {
  /** The hub's key and its links to collectors: what an approval needs to be carried out. */
  automation: AutomationPorts;
  /** What a new site's token holds. */
  enrolment: EnrolmentAddress;
}

/** Every page and every button on it. */
export function pageRoutes(deps: PageDependencies, views: Views): WebApp {
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
  app.route("/", enrolRoutes(views, deps.enrolment));
  app.route("/", scriptRoutes(views));
  app.route("/", approvalRoutes(views, deps.automation));
  return app;
}
