import { HubError } from "../../error.ts";
import type { Caller } from "../request.ts";
import { sourceFor, type Views } from "../view/index.ts";
import { type Channel, openChannel } from "./channel.ts";
import type { LiveView } from "./view.ts";

const VIEWS_MAX = 500;

export interface Channels {
  isOpen(view: LiveView, caller: Caller): boolean;
  /** Throws when no more views are served. */
  requireRoom(): void;
  /** The channels of views for the caller's role, opened where nobody looks yet. Give them back with release. */
  acquire(views: readonly LiveView[], caller: Caller): Channel[];
  /** Closes a channel when its last reader has gone. */
  release(views: readonly LiveView[], caller: Caller): void;
}

export function openChannels(views: Views): Channels {
  const { hub } = views;
  const open = new Map<string, { view: LiveView; channel: Channel; users: number }>();

  hub.bus.subscribe((message) => {
    for (const { view, channel } of open.values()) if (view.concerns(message)) channel.touch();
  });

  function acquireOne(view: LiveView, caller: Caller): Channel {
    const key = keyOf(view, caller);
    const entry = open.get(key) ?? {
      view,
      users: 0,
      channel: openChannel({
        view,
        source: () => sourceFor(views, caller),
        onError: (error) => hub.log.error({ err: error, view: view.key }, "a live view could not be rendered"),
      }),
    };
    open.set(key, entry);
    entry.users += 1;
    return entry.channel;
  }

  function releaseOne(view: LiveView, caller: Caller): void {
    const key = keyOf(view, caller);
    const entry = open.get(key);
    if (!entry) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.channel.close();
    open.delete(key);
  }

  return {
    isOpen: (view, caller) => open.has(keyOf(view, caller)),
    requireRoom() {
      if (open.size < VIEWS_MAX) return;
      throw new HubError("not-available", `${open.size} live views are open; ${VIEWS_MAX} are served. Close a tab.`);
    },
    acquire(wanted, caller) {
      return wanted.map((view) => acquireOne(view, caller));
    },
    release(wanted, caller) {
      for (const view of wanted) releaseOne(view, caller);
    },
  };
}

/** Views hold nothing that is the reader's own, only what the role may see and do. */
function keyOf(view: LiveView, caller: Caller): string {
  return `${caller.actor.role} ${view.key}`;
}
