import { OpenAPIHono } from "@hono/zod-openapi";
import type { WebDependencies } from "../dependencies.ts";
import type { WebApp, WebEnv } from "../request.ts";
import { refuseInvalid } from "../validation.ts";
import { analysisRoutes } from "./analysis.ts";
import { approvalRoutes } from "./approval.ts";
import { auditRoutes } from "./audit.ts";
import { automationRoutes } from "./automation.ts";
import { collectorRoutes } from "./collector.ts";
import { deviceRoutes } from "./device.ts";
import { discoveryRoutes } from "./discovery.ts";
import { eventRoutes } from "./event.ts";
import { evidenceRoutes } from "./evidence.ts";
import { executionRoutes } from "./execution.ts";
import { healthRoutes } from "./health.ts";
import { incidentActionRoutes } from "./incident-action.ts";
import { incidentRoutes } from "./incident.ts";
import { scriptRoutes } from "./script.ts";
import { siteRoutes } from "./site.ts";
import { userRoutes } from "./user.ts";
import { webhookRoutes } from "./webhook.ts";

export { mountDocument } from "./document.ts";

const ROOMS = [
  healthRoutes,
  siteRoutes,
  collectorRoutes,
  deviceRoutes,
  discoveryRoutes,
  eventRoutes,
  incidentRoutes,
  incidentActionRoutes,
  webhookRoutes,
  evidenceRoutes,
  analysisRoutes,
  scriptRoutes,
  automationRoutes,
  approvalRoutes,
  executionRoutes,
  userRoutes,
  auditRoutes,
];

/** All REST routes. */
export function apiRoutes(deps: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>({ defaultHook: refuseInvalid });
  for (const routes of ROOMS) app.route("/", routes(deps));
  return app;
}
