/** Why a stream was cut, for the note that stands with the diagnosis. */
export class CutShort extends Error {
  override readonly name = "CutShort";
}

/** Passes a stream on, and gives up on it when it is silent for `idleMs`. The caller's controller ends the request. */
export async function* watched<T>(
  stream: AsyncIterable<T>,
  limits: { idleMs: number; controller: AbortController },
): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (let next = await nextOf(iterator, limits); !next.done; next = await nextOf(iterator, limits)) yield next.value;
  } finally {
    limits.controller.abort();
  }
}

async function nextOf<T>(
  iterator: AsyncIterator<T>,
  { idleMs, controller }: { idleMs: number; controller: AbortController },
): Promise<IteratorResult<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  const cut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CutShort(`it said nothing for ${idleMs} ms`)), idleMs);
    onAbort = () =>
      reject(controller.signal.reason instanceof Error ? controller.signal.reason : new CutShort("it was cut"));
    if (controller.signal.aborted) onAbort();
    controller.signal.addEventListener("abort", onAbort, { once: true });
  });
  const next = iterator.next();
  // When the watchdog wins, the request is aborted and its own failure comes too late to matter.
  next.catch(() => undefined);
  try {
    return await Promise.race([next, cut]);
  } finally {
    clearTimeout(timer);
    if (onAbort) controller.signal.removeEventListener("abort", onAbort);
  }
}
