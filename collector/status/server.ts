import { createHash } from "node:crypto";
import { explainBind } from "../listen/index.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { renderPage, STYLE } from "./page.ts";
import { problemsOf } from "./problem.ts";
import type { StatusView } from "./view.ts";

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");
const HEADERS = {
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export interface StatusServer {
  url: string;
  stop(): Promise<void>;
}

/** Serves what the collector says of itself. Read only; on loopback unless the configuration says otherwise. */
export function startStatusServer(options: { address: string; port: number; view: () => StatusView }): StatusServer {
  const { address, port, view } = options;
  const metrics = createMetrics();
  const serve = () =>
    Bun.serve({
      hostname: address,
      port,
      idleTimeout: 10,
      maxRequestBodySize: 1_024,
      fetch: (request) => answer(request, { view, metrics, onLoopback: isLoopback(address) }),
      error: () => reply("internal error", "text/plain", 500),
    });
  try {
    const server = serve();
    return { url: server.url.href.replace(/\/$/, ""), stop: () => server.stop(true) };
  } catch (error) {
    throw explainBind("The status page cannot be served", { address, port, key: "status.port" }, error);
  }
}

interface Sources {
  view: () => StatusView;
  metrics: Metrics;
  onLoopback: boolean;
}

async function answer(request: Request, { view, metrics, onLoopback }: Sources): Promise<Response> {
  const url = new URL(request.url);
  // A name that resolves to loopback is how a foreign web page would read this one.
  if (onLoopback && !isLoopback(url.hostname)) return reply("ask by loopback address", "text/plain", 421);
  if (request.method !== "GET" && request.method !== "HEAD") return reply("read only", "text/plain", 405);
  switch (url.pathname) {
    case "/":
      return reply(renderPage(view()), "text/html; charset=utf-8");
    case "/status.json": {
      const now = view();
      return reply(JSON.stringify({ problems: problemsOf(now), ...now }), "application/json");
    }
    case "/healthz":
      return reply('{"status":"ok"}', "application/json");
    case "/metrics":
      return reply(await metrics.render(view()), metrics.contentType);
    default:
      return reply("not found; there are /, /status.json, /healthz and /metrics", "text/plain", 404);
  }
}

function reply(body: string, contentType: string, status = 200): Response {
  return new Response(body, { status, headers: { ...HEADERS, "content-type": contentType } });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
