import { OpenAPIHono } from "@hono/zod-openapi";
import { PaletteResults, SearchPage } from "@watchpost/ui";
import type { WebApp, WebEnv } from "../request.ts";
import { searchAll, type Views } from "../view/index.ts";
import { fromHtmx } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

/** The palette asks for its results here; without script the same is a page. */
export function searchRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.get("/search", async (c) => {
    const source = readerOf(views, c);
    const view = await searchAll(source, c.req.query("q") ?? "");
    if (fromHtmx(c)) return c.html(<PaletteResults view={view} />);
    const where = [{ label: "Search" }];
    const shell = await shellFor(c, source, { section: "search", title: "Search", where, live: "shell" });
    return c.html(<SearchPage shell={shell} view={view} />);
  });
  return app;
}
