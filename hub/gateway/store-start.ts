/** A store that is started anew is noticed within this time of a write. */
const KNOWN_MS = 5_000;
const READ_TIMEOUT_MS = 2_000;
/** By this header a collector learns that the store may have lost what it had not written yet. */
export const STORE_START_HEADER = "x-watchpost-store-start";

/** When the process of the store began (its clock, whole seconds), as it says itself; undefined where it does not. */
export function storeStartReader(options: {
  storeUrl: string | undefined;
  monotonicMs: () => number;
}): () => Promise<number | undefined> {
  const { storeUrl, monotonicMs } = options;
  let known: Promise<number | undefined> = Promise.resolve(undefined);
  let readAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (storeUrl === undefined) return known;
    if (monotonicMs() - readAtMs >= KNOWN_MS) {
      readAtMs = monotonicMs();
      known = readStart(`${storeUrl.replace(/\/+$/, "")}/metrics`);
    }
    return known;
  };
}

async function readStart(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
    const found = /^process_start_time_seconds ([0-9.eE+]+)$/m.exec(await response.text());
    return found ? Math.floor(Number(found[1])) : undefined;
  } catch {
    // A store without metrics, or away: its answer to the write says the latter.
    return undefined;
  }
}
