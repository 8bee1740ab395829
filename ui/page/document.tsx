import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { assetUrl, type AssetName, STYLESHEETS } from "../asset/index.ts";

export type Theme = "dark" | "light";

export interface DocumentProps {
  title: string;
  theme: Theme;
  sidebar?: "wide" | "narrow";
  zone?: "utc" | "local";
  /** Deferred scripts, in order. */
  scripts?: readonly AssetName[];
  children: Child;
}

/** htmx may not write styles or run text as code; the policy of the page forbids both. */
const HTMX_CONFIG = JSON.stringify({ includeIndicatorCSS: false, history: false, defaultTimeout: 30_000 });

export function Document({ title, theme, sidebar, zone, scripts, children }: DocumentProps) {
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en" data-theme={theme} data-sidebar={sidebar} data-zone={zone}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="dark light" />
          <meta name="htmx-config" content={HTMX_CONFIG} />
          <title>{title} · Watchpost</title>
          <link rel="icon" href={assetUrl("favicon.svg")} />
          <link rel="preload" href={assetUrl("inter.woff2")} as="font" type="font/woff2" crossorigin="" />
          {STYLESHEETS.map((name) => (
            <link rel="stylesheet" href={assetUrl(name)} />
          ))}
          {(scripts ?? []).map((name) => (
            <script defer src={assetUrl(name)} />
          ))}
        </head>
        {children}
      </html>
    </>
  );
}
