import type { Hub } from "../hub.ts";
import { createApp, serveWeb, type WebDependencies } from "../web/index.ts";
import { createLiveStreams } from "../web/stream/index.ts";

export interface StartWeb extends Omit<WebDependencies, "publicUrl" | "streams"> {
  hub: Hub;
  publicUrl: string;
  address: string;
  port: number;
}

/** Serves pages and the API. Stopping closes live streams first: the server would wait for them. */
export async function startWeb({ address, port, publicUrl, ...deps }: StartWeb): Promise<{ stop(): Promise<void> }> {
  const streams = createLiveStreams();
  const app = createApp({ ...deps, publicUrl: new URL(publicUrl), streams });
  const server = listen(() => serveWeb(app, { hostname: address, port }), `${address}:${port}`);
  return {
    async stop() {
      streams.close();
      await server.stop();
    },
  };
}

function listen<Server>(open: () => Server, where: string): Server {
  try {
    return open();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(
      `pages and REST API (WATCHPOST_HTTP_PORT) cannot listen on ${where}: ${code}. Free the port or choose another.`,
      { cause: error },
    );
  }
}
