import { Metadata, type ServerWritableStream, type StatusObject, status } from "@grpc/grpc-js";
import type { Insight, WatchRequest } from "@watchpost/proto";
import type { Actor } from "../context.ts";
import { HubError } from "../error.ts";
import { contextFor, type Hub } from "../hub.ts";
import { requirePermission } from "../identity/permission.ts";
import { filterOf } from "./filter.ts";
import { type Following, follow } from "./follow.ts";

/** Finds who a bearer token stands for; undefined for a missing, unknown, expired or revoked one. */
export type Authenticate = (bearer: string | undefined) => Promise<Actor | undefined>;

type WatchCall = ServerWritableStream<WatchRequest, Insight>;

/** Insights.Watch for grpc-js: bearer token, filters, replay, then live until the client leaves. */
export function createInsightsService(hub: Hub, authenticate: Authenticate) {
  return {
    watch(call: WatchCall): void {
      admit(hub, authenticate, call).then(
        (refusal) => (refusal ? end(call, refusal) : start(hub, call)),
        (error: unknown) => {
          hub.log.error({ err: error }, "an insight watcher could not be admitted");
          end(call, ending(status.UNAVAILABLE, "the hub could not check the token; try again"));
        },
      );
    },
  };
}

async function admit(hub: Hub, authenticate: Authenticate, call: WatchCall): Promise<Ending | undefined> {
  const [header] = call.metadata.get("authorization");
  const bearer = /^Bearer\s+(\S+)$/i.exec(String(header ?? ""))?.[1];
  const actor = await authenticate(bearer);
  if (!actor) {
    const missing = bearer === undefined ? 'send "authorization: Bearer <API token>"' : "the token is not valid";
    return ending(status.UNAUTHENTICATED, `Insights.Watch needs an API token: ${missing}`);
  }
  try {
    requirePermission(contextFor(hub, actor), "analysis:read");
    return undefined;
  } catch (error) {
    if (error instanceof HubError) return ending(status.PERMISSION_DENIED, error.message);
    throw error;
  }
}

function start(hub: Hub, call: WatchCall): void {
  if (call.cancelled) return;
  const following: Following = follow({
    bus: hub.bus,
    filter: filterOf(call.request),
    after: Number(call.request.after),
    reader: {
      write: (insight) => call.write(insight),
      tooSlow: (queued) =>
        end(
          call,
          ending(
            status.RESOURCE_EXHAUSTED,
            `the reader is too slow: ${queued} insights wait. Watch again with after set to the last id received.`,
          ),
        ),
      failed(error) {
        hub.log.error({ err: error }, "replaying insights failed");
        end(call, ending(status.UNAVAILABLE, "the replay failed; watch again with the same after"));
      },
    },
  });
  call.on("drain", () => following.resume());
  call.on("cancelled", () => following.stop());
  call.on("close", () => following.stop());
  // The client learns at once that it is heard, though nothing may happen for hours.
  call.sendMetadata(new Metadata());
}

type Ending = Pick<StatusObject, "code" | "details">;

function ending(code: status, details: string): Ending {
  return { code, details };
}

/** grpc-js ends a server stream with a status through its error event, after what is written already. */
function end(call: WatchCall, how: Ending): void {
  call.emit("error", how);
}
