import { OpenAPIHono } from "@hono/zod-openapi";
import { SignInPage } from "@watchpost/ui";
import { z } from "zod";
import { HubError } from "../../error.ts";
import { contextFor } from "../../hub.ts";
import { endSession, openSession } from "../../identity/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv, type WebRequest } from "../request.ts";
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from "./cookie.ts";
import { createThrottle } from "./throttle.ts";

const TRIES_MAX = 20;
const TRIES_WINDOW_MS = 60_000;

/** A path of this hub: one slash, so that no other host can be meant. */
const localPath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\s\\]*$/)
  .catch("/");
const linkToken = z.string().max(512).catch("");
const signInForm = z.object({ token: linkToken, next: localPath });

export function signInRoutes(deps: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  const throttle = createThrottle({ clock: deps.hub.clock, triesMax: TRIES_MAX, windowMs: TRIES_WINDOW_MS });

  app.get("/sign-in", (c) => {
    c.header("cache-control", "no-store");
    return c.html(<SignInPage {...signInForm.parse(c.req.query())} />);
  });

  app.post("/sign-in", async (c) => {
    const waitS = throttle.take(addressOf(c));
    if (waitS !== undefined)
      throw new HubError("too-many-requests", `More than ${TRIES_MAX} sign-ins a minute. Try again in ${waitS} s.`, {
        retryAfterS: waitS,
      });
    const { token, next } = signInForm.parse(await c.req.parseBody());
    const session = await openSession(contextFor(deps.hub, { kind: "system" }), { linkSecret: token });
    c.header("cache-control", "no-store");
    if (session.kind === "refused") return c.html(<SignInPage token="" next={next} problem={session.reason} />, 401);
    writeSessionCookie(c, deps.publicUrl, { secret: session.cookie, expiresAt: session.expiresAt });
    return c.redirect(next, 303);
  });

  app.post("/sign-out", async (c) => {
    const cookie = readSessionCookie(c, deps.publicUrl);
    if (cookie !== undefined) await endSession(contextOf(deps.hub, c), { cookie });
    clearSessionCookie(c, deps.publicUrl);
    return c.redirect("/sign-in", 303);
  });
  return app;
}

/** The peer of the connection; requests that came through no socket share one bucket. */
function addressOf(c: WebRequest): string {
  const server = c.env as { requestIP?(request: Request): { address: string } | null } | undefined;
  return server?.requestIP?.(c.req.raw)?.address ?? "local";
}
