/** A site on its link to a hub, both real, for tests. Close what was opened after each test. */
import type { ConfigPush, SignedOrder } from "@watchpost/proto";
import pino from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemClock, systemTimerClock } from "../clock.ts";
import { createTestAuthority } from "../enroll/authority.fixture.ts";
import { loadIdentity } from "../enroll/index.ts";
import { type Outbox, openOutbox } from "../outbox/index.ts";
import { createLink, type Link, type LinkOptions } from "./index.ts";
import { TestHub } from "./test-hub.fixture.ts";

const log = pino({ level: "silent" });
const cleanup: (() => unknown)[] = [];

/** Undone by closeSites, newest first. */
export function onClose(undo: () => unknown): void {
  cleanup.push(undo);
}

export async function closeSites(): Promise<void> {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
}

export interface Site {
  hub: TestHub;
  link: Link;
  outbox: Outbox;
  dir: string;
  orders: SignedOrder[];
  acked: string[];
}

export async function site(
  change: Partial<LinkOptions> = {},
  prepare: (hub: TestHub) => void = () => undefined,
): Promise<Site> {
  const authority = await createTestAuthority();
  const hub = new TestHub(authority);
  prepare(hub);
  await hub.start();
  const dir = scratchDir("link");
  await authority.identity(dir, { linkAddress: hub.address });
  const outbox = openOutbox({ dir, bytesMax: 10_000_000, clock: systemClock, log, bucketMs: 1 });
  onClose(() => outbox.close());
  onClose(() => hub.kill());
  const orders: SignedOrder[] = [];
  const acked: string[] = [];
  const handlers: LinkOptions["handlers"] = {
    onConfig: async (push: ConfigPush) =>
      push.yaml === "good" ? { applied: true } : { applied: false, reason: `line 1: ${push.yaml}` },
    onOrder: (order) => orders.push(order),
    onCancel: () => undefined,
    pendingScriptResults: () => [],
    onScriptResultAcked: (id) => acked.push(id),
  };
  const link = linkOf({ dir, outbox }, { handlers, ...change });
  return { hub, link, outbox, dir, orders, acked };
}

/** Another link of the same site, to wherever it is to dial. */
export function linkTo(s: Site, dialAddress: string): Link {
  return linkOf(s, { dialAddress });
}

function linkOf({ dir, outbox }: Pick<Site, "dir" | "outbox">, change: Partial<LinkOptions>): Link {
  const identity = loadIdentity(dir);
  if (!identity) throw new Error("the site has no identity");
  const link = createLink({
    identity,
    outbox,
    version: "0.1.0",
    allowedScripts: () => ["ping"],
    configVersion: () => 7,
    samplesPending: () => 42,
    handlers: {
      onConfig: async () => ({ applied: true }),
      onOrder: () => undefined,
      onCancel: () => undefined,
      pendingScriptResults: () => [],
      onScriptResultAcked: () => undefined,
    },
    clock: systemTimerClock,
    random: () => 0,
    log,
    ...change,
  });
  onClose(() => link.stop());
  return link;
}

/** How long it took. */
export async function until(condition: () => boolean, deadlineMs = 15_000): Promise<number> {
  const from = performance.now();
  while (!condition()) {
    if (performance.now() - from > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await Bun.sleep(10);
  }
  return performance.now() - from;
}
