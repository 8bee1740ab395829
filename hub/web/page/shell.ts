import type { Section, ShellView, Theme } from "@watchpost/ui";
import { getCookie } from "hono/cookie";
import { callerOf, type WebRequest } from "../request.ts";
import { loadShellCounts, type Source, sourceFor, type Views } from "../view/index.ts";

export interface PageFrame {
  section: Section;
  title: string;
  where: ShellView["where"];
  /** `overview`, `incident/<id>`, `devices?state=down`: the live stream of this page. */
  live?: string;
  charts?: boolean;
}

/** The reader of this request. */
export function readerOf(views: Views, c: WebRequest): Source {
  return sourceFor(views, callerOf(c));
}

export function themeOf(c: WebRequest): Theme {
  return getCookie(c, "watchpost_theme") === "light" ? "light" : "dark";
}

/** Everything around the page. Call it before the page's own view is loaded: the stream then misses nothing. */
export async function shellFor(c: WebRequest, source: Source, frame: PageFrame): Promise<ShellView> {
  const after = source.hub.bus.lastId();
  const { actor } = callerOf(c);
  const { live, ...rest } = frame;
  return {
    ...rest,
    me: { name: actor.name, role: actor.role },
    theme: themeOf(c),
    sidebar: getCookie(c, "watchpost_sidebar") === "narrow" ? "narrow" : "wide",
    zone: getCookie(c, "watchpost_zone") === "utc" ? "utc" : "local",
    counts: await loadShellCounts(source),
    ...(live === undefined ? {} : { live: `/live/${live}${live.includes("?") ? "&" : "?"}after=${after}` }),
  };
}
