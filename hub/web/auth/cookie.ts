import type { Context as HonoContext } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** The prefix makes browsers refuse the cookie unless it is Secure, for this host alone and for all paths. */
function cookieName(publicUrl: URL): string {
  return publicUrl.protocol === "https:" ? "__Host-watchpost" : "watchpost";
}

function attributes(publicUrl: URL) {
  // Lax, not Strict: a link to an incident in a mail or chat must open it. Changes are guarded by their origin.
  return { path: "/", httpOnly: true, sameSite: "Lax", secure: publicUrl.protocol === "https:" } as const;
}

export function readSessionCookie(c: HonoContext, publicUrl: URL): string | undefined {
  return getCookie(c, cookieName(publicUrl));
}

export function writeSessionCookie(c: HonoContext, publicUrl: URL, session: { secret: string; expiresAt: Date }): void {
  setCookie(c, cookieName(publicUrl), session.secret, { ...attributes(publicUrl), expires: session.expiresAt });
}

export function clearSessionCookie(c: HonoContext, publicUrl: URL): void {
  deleteCookie(c, cookieName(publicUrl), attributes(publicUrl));
}
