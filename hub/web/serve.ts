import type { WebApp } from "./request.ts";

/** Above what any route takes: what is larger never reaches the app. */
const BODY_BYTES_MAX = 4_194_304;
/** Above the heartbeat of live streams, below what a dead peer may hold. */
const IDLE_TIMEOUT_S = 60;

export interface WebServer {
  url: URL;
  port: number;
  /** Takes no new requests, lets running ones end for `graceMs`, then cuts them. */
  stop(graceMs?: number): Promise<void>;
}

/** Serves the app over HTTP. Close live streams before stopping: a stop waits for them. */
export function serveWeb(app: WebApp, options: { hostname: string; port: number }): WebServer {
  const server = Bun.serve({
    hostname: options.hostname,
    port: options.port,
    idleTimeout: IDLE_TIMEOUT_S,
    maxRequestBodySize: BODY_BYTES_MAX,
    fetch: (request, server) => app.fetch(request, server),
  });
  return {
    url: server.url,
    port: server.port ?? options.port,
    async stop(graceMs = 2_000) {
      await Promise.race([server.stop(), Bun.sleep(graceMs)]);
      await server.stop(true);
    },
  };
}
