import { type StreamClient, sseChunk } from "../stream/index.ts";
import type { Region, Source } from "../view/index.ts";
import type { LiveView } from "./view.ts";

/** At most four renders a second, however fast messages come; the first of a burst is shown at once. */
export const RENDER_EVERY_MS = 250;

export interface Channel {
  /** Adds a reader, who gets everything soon unless `knownId` is what the page already shows. Returns the way out. */
  join(reader: StreamClient, knownId: number): () => void;
  /** Something this view may show has changed. */
  touch(): void;
  close(): void;
}

export interface ChannelOptions {
  view: LiveView;
  /** A fresh source of the role this channel renders for. */
  source(): Source;
  onError(error: unknown): void;
}

/** One view for all its readers of one role: renders once, sends what changed to all of them. */
export function openChannel(options: ChannelOptions): Channel {
  const { view } = options;
  const readers = new Set<StreamClient>();
  let shown = new Map<string, string>();
  let shownId = 0;
  let rendering: Promise<void> | undefined;
  let again = false;
  let renderedAtMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = view.refreshMs === undefined ? undefined : setInterval(touch, view.refreshMs);

  async function render(): Promise<void> {
    const from = options.source();
    const id = from.hub.bus.lastId();
    renderedAtMs = from.nowMs;
    const regions = await view.regions(from);
    const changed = regions.filter((region) => shown.get(region.id) !== region.html);
    shown = new Map(regions.map((region) => [region.id, region.html]));
    shownId = id;
    if (changed.length === 0) return;
    const chunk = message(id, changed);
    for (const reader of readers) reader.send(chunk);
  }

  function start(): Promise<void> {
    rendering ??= render()
      .catch((error: unknown) => options.onError(error))
      .finally(() => {
        rendering = undefined;
        if (again) touch();
      });
    return rendering;
  }

  function touch(): void {
    again = rendering !== undefined;
    if (again || timer !== undefined) return;
    const waitMs = renderedAtMs + RENDER_EVERY_MS - options.source().nowMs;
    timer = setTimeout(
      () => {
        timer = undefined;
        void start();
      },
      Math.max(0, waitMs),
    );
  }

  return {
    join(reader, knownId) {
      readers.add(reader);
      // The first render goes to all who wait for it; who comes later gets what it showed.
      if (shown.size === 0) void start();
      else if (knownId < shownId)
        reader.send(
          message(
            shownId,
            [...shown].map(([id, html]) => ({ id, html })),
          ),
        );
      return () => readers.delete(reader);
    },
    touch,
    close() {
      clearInterval(refresh);
      clearTimeout(timer);
    },
  };
}

/** Without a name, as htmx wants it. */
function message(id: number, regions: readonly Region[]): Uint8Array {
  return sseChunk({ id, data: regions.map((region) => region.html).join("\n") });
}
