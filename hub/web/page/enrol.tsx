import { OpenAPIHono } from "@hono/zod-openapi";
import { AddSitePage, type AddSiteView } from "@watchpost/ui";
import { HubError } from "../../error.ts";
import { createEnrollmentToken, may } from "../../identity/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import type { WebApp, WebEnv, WebRequest } from "../request.ts";
import type { Source, Views } from "../view/index.ts";
import { formFields } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

const TOKEN_LIFETIME_MIN = 60;

/** "Add a site": makes a one-time token and shows the very commands. */
export function enrolRoutes(views: Views, { enrollmentAddress, keys }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/sites/add", async (c) => show(c, readerOf(views, c), { site: (c.req.query("site") ?? "").slice(0, 63) }));

  app.post("/sites/add", async (c) => {
    const source = readerOf(views, c);
    const site = ((await formFields(c))["site"] ?? "").trim().slice(0, 80);
    try {
      const expiresInMs = TOKEN_LIFETIME_MIN * 60_000;
      const { token } = await createEnrollmentToken(source.ctx, {
        site,
        expiresInMs,
        address: enrollmentAddress,
        caFingerprint: keys.certificates.fingerprint,
      });
      return show(c, source, { site, token: { text: token, expiresInMin: TOKEN_LIFETIME_MIN } });
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== "bad-request") throw error;
      return show(c, source, { site, problem: error.message });
    }
  });
  return app;
}

async function show(c: WebRequest, source: Source, view: Omit<AddSiteView, "mayEnroll">): Promise<Response> {
  const shell = await shellFor(c, source, {
    section: "sites",
    title: "Add a site",
    where: [{ label: "Sites", href: "/sites" }, { label: "Add a site" }],
    live: "shell",
  });
  const mayEnroll = may(source.role, "collector:enroll");
  return c.html(<AddSitePage shell={shell} view={{ ...view, mayEnroll }} />, view.problem === undefined ? 200 : 422);
}
