import { OpenAPIHono } from "@hono/zod-openapi";
import { findAsset } from "@watchpost/ui/asset";
import { HubError } from "../../error.ts";
import type { WebApp, WebEnv } from "../request.ts";

/** The browser's files. Their URLs hold a hash of their content, so a browser asks for each once. */
export function assetRoutes(): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.get("/assets/:hash/:name", (c) => {
    const asset = findAsset(c.req.param("hash"), c.req.param("name"));
    if (!asset) throw new HubError("not-found", `There is no ${c.req.path.slice(0, 120)}. Reload the page.`);
    const packed = asset.gzip !== undefined && /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
    return new Response(packed ? asset.gzip : asset.bytes, {
      headers: {
        "content-type": asset.contentType,
        "cache-control": "public, max-age=31536000, immutable",
        ...(asset.gzip === undefined ? {} : { vary: "accept-encoding" }),
        ...(packed ? { "content-encoding": "gzip" } : {}),
      },
    });
  });
  return app;
}
