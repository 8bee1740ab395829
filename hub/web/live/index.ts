import { OpenAPIHono } from "@hono/zod-openapi";
import { HubError } from "../../error.ts";
import { findCaller } from "../auth/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { callerOf, type WebApp, type WebEnv, type WebRequest } from "../request.ts";
import type { StreamClient } from "../stream/index.ts";
import { sourceFor, type Views } from "../view/index.ts";
import { openChannels } from "./channels.ts";
import { liveView, SHELL_VIEW } from "./view.ts";

/** `/live/<view>[/<id>]`: server-sent events of HTML for the open page. */
export function liveRoutes(deps: WebDependencies, views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  const channels = openChannels(views);

  async function serve(c: WebRequest, name: string, id: string | undefined): Promise<Response> {
    const caller = callerOf(c);
    const view = liveView(name, id, c.req.query());
    if (!view) throw new HubError("not-found", `There is no live view ${c.req.path.slice(0, 120)}.`);
    // Who opens a view asks the verbs with the own permission; others of the same role may share what it sees.
    channels.requireRoom();
    if (!channels.isOpen(view, caller)) await view.regions(sourceFor(views, caller));
    const both = [...new Set([view, SHELL_VIEW])];
    const known = knownId(c);
    const stillAllowed = async () => (await findCaller(deps, c))?.actor.role === caller.actor.role;
    const join = (client: StreamClient) => {
      const leave = channels.acquire(both, caller).map((channel) => channel.join(client, known));
      return () => {
        for (const one of leave) one();
        channels.release(both, caller);
      };
    };
    return deps.streams.open(join, { owner: caller.actor.userId, stillAllowed });
  }

  app.get("/live/:view", (c) => serve(c, c.req.param("view"), undefined));
  app.get("/live/:view/:id", (c) => serve(c, c.req.param("view"), c.req.param("id")));
  return app;
}

/** Bus id of what the page shows: from the stream before, else from the page itself. */
function knownId(c: WebRequest): number {
  const id = Number(c.req.header("last-event-id") ?? c.req.query("after") ?? 0);
  return Number.isSafeInteger(id) ? id : 0;
}
