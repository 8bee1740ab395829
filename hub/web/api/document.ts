import type { WebApp } from "../request.ts";
import { requireRole } from "../auth/index.ts";

const CONFIG = {
  openapi: "3.1.0",
  info: {
    title: "Watchpost hub",
    version: "1",
    description: "Errors are RFC 9457 problem details; `code` is stable, `errors` names fields and what they expect.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  servers: [{ url: "/" }],
};

export const DOCUMENT_PATH = "/api/openapi.json";

/** Serves the OpenAPI document of all routes that the app has by then: mount it last. */
export function mountDocument(app: WebApp): void {
  const { openAPIRegistry } = app;
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API token: `hub token create`.",
  });
  openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "watchpost",
    description: "The session of a signed-in person. Changes are taken from the hub's own pages only.",
  });
  app.use(DOCUMENT_PATH, requireRole("viewer"));
  app.doc31(DOCUMENT_PATH, CONFIG);
}
