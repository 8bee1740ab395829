import type { Published } from "../../bus/index.ts";
import type { Hub } from "../../hub.ts";
import { insightJson } from "../../insight/index.ts";
import { sseChunk, type StreamClient, type StreamSource } from "./streams.ts";

const EARLY_MAX = 1_000;

export interface InsightSelection {
  /** Id of an incident or session. */
  incident?: string | undefined;
  /** Name of a site. */
  site?: string | undefined;
  /** Id of the last message the reader has; new ones only when not given. */
  after?: number | undefined;
}

/** Encoded once however many read it, and forgotten with the message. */
const chunks = new WeakMap<Published, Uint8Array>();

function chunkOf(message: Published): Uint8Array {
  const known = chunks.get(message);
  if (known) return known;
  const chunk = sseChunk({ id: message.id, data: JSON.stringify(insightJson(message)) });
  chunks.set(message, chunk);
  return chunk;
}

function isSelected({ incident, site }: InsightSelection, message: Published): boolean {
  if (message.topic !== "insight" || (incident !== undefined && incident !== message.key)) return false;
  return site === undefined || site === message.payload["site"];
}

/** Replays what came after an id, then follows: nothing twice, nothing left out, in the order of ids. */
export function insightSource(hub: Hub, selection: InsightSelection): StreamSource {
  return (client) => {
    let lastId = selection.after ?? 0;
    let early: Published[] | undefined = selection.after === undefined ? undefined : [];
    const pass = (message: Published) => {
      if (message.id <= lastId) return;
      lastId = message.id;
      client.send(chunkOf(message));
    };
    const leave = hub.bus.subscribe((message) => {
      if (!isSelected(selection, message)) return;
      if (!early) pass(message);
      else if (early.push(message) > EARLY_MAX) client.close();
    });
    const catchUp = async () => {
      for (const message of await hub.bus.replay("insight", lastId)) if (isSelected(selection, message)) pass(message);
      for (const message of early ?? []) pass(message);
      early = undefined;
    };
    if (early) catchUp().catch((error: unknown) => failed(hub, client, error));
    return leave;
  };
}

/** The reader reconnects with the same Last-Event-ID, and the replay is tried again. */
function failed(hub: Hub, client: StreamClient, error: unknown): void {
  hub.log.error({ err: error }, "replay of insights for an event stream failed");
  client.close();
}
