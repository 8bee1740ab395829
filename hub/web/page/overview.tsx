import { OpenAPIHono } from "@hono/zod-openapi";
import { CollectorsPage, OverviewPage, SitesPage } from "@watchpost/ui";
import type { WebApp, WebEnv } from "../request.ts";
import { loadCollectors, loadOverview, loadSites, type Views } from "../view/index.ts";
import { readerOf, shellFor } from "./shell.ts";

export function overviewRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/", async (c) => {
    const source = readerOf(views, c);
    const where = [{ label: "Overview" }];
    const shell = await shellFor(c, source, { section: "overview", title: "Overview", where, live: "overview" });
    return c.html(<OverviewPage shell={shell} view={await loadOverview(source)} />);
  });

  app.get("/sites", async (c) => {
    const source = readerOf(views, c);
    const shell = await shellFor(c, source, {
      section: "sites",
      title: "Sites",
      where: [{ label: "Sites" }],
      live: "sites",
    });
    return c.html(<SitesPage shell={shell} sites={await loadSites(source)} nowMs={source.nowMs} />);
  });

  app.get("/collectors", async (c) => {
    const source = readerOf(views, c);
    const where = [{ label: "Collectors" }];
    const shell = await shellFor(c, source, { section: "collectors", title: "Collectors", where, live: "collectors" });
    return c.html(<CollectorsPage shell={shell} rows={await loadCollectors(source)} nowMs={source.nowMs} />);
  });
  return app;
}
