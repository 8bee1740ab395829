import type { Clock } from "../clock.ts";
import type { StoredBatch } from "../spool/index.ts";
import { type Compression, createBodyMaker } from "./body.ts";
import { probeZstd, readStoreStart, type Sent, send } from "./send.ts";
import type { RemoteWriteTarget } from "./target.ts";

/** A store may crash between two of these; the spool keeps what was sent for longer. */
const STORE_START_READ_MS = 20_000;
const STORE_START_RETRY_MS = 600_000;

/** How polls get to a store. A simulated one may lose the question or the answer. */
export interface Way {
  send(request: { batches: readonly StoredBatch[]; compression: Compression; signal: AbortSignal }): Promise<Sent>;
  takesZstd(signal: AbortSignal): Promise<boolean>;
}

/** Remote write over HTTP. What a direct store says of its own start is added to its answers now and then. */
export function httpWay(target: RemoteWriteTarget, clock: Clock): Way {
  const bodies = createBodyMaker(target.extraLabels);
  let readAgainAtMs = 0;

  async function withStoreStart(sent: Sent, signal: AbortSignal): Promise<Sent> {
    if (sent.kind === "not-now") readAgainAtMs = 0;
    if (!target.showsItsStart || sent.kind !== "delivered" || clock.monotonicMs() < readAgainAtMs) return sent;
    const storeStartS = await readStoreStart(target, signal);
    readAgainAtMs = clock.monotonicMs() + (storeStartS === undefined ? STORE_START_RETRY_MS : STORE_START_READ_MS);
    return storeStartS === undefined ? sent : { ...sent, storeStartS };
  }

  return {
    async send({ batches, compression, signal }) {
      const body = bodies.make(batches, compression);
      return withStoreStart(await send({ target, body, compression, nowMs: clock.nowMs(), signal }), signal);
    },
    takesZstd: (signal) => probeZstd(target, signal),
  };
}
