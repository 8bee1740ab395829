/** Fewer leave too little behind to stop the hub for. */
const STREAMS_MIN = 100;
/** More than this part of all streams is new: what their handshakes left behind is given back before more come. */
const NEW_PART = 0.25;
const QUIET_MS = 5_000;

export interface WaveMemory {
  /** One more stream is up, `streams` are now. */
  arrived: (streams: number) => void;
  stop: () => void;
}

/**
 * Gives back what the handshakes of many collectors left behind, while a wave of them comes and once it is over. Left to
 * itself the heap doubles first, and streams then lie scattered over it for good: the first 990 took 51 KB each, now 36,
 * for eight pauses of 40 to 130 ms.
 */
export function memoryOfWaves(collect: () => void = () => Bun.gc(true)): WaveMemory {
  let isOver = true;
  let sinceCollected = 0;
  let timer: Timer | undefined;
  const over = (): void => {
    if (!isOver || sinceCollected >= STREAMS_MIN) collect();
    isOver = true;
    sinceCollected = 0;
  };
  return {
    arrived(streams) {
      sinceCollected += 1;
      if (sinceCollected >= Math.max(STREAMS_MIN, streams * NEW_PART)) {
        collect();
        isOver = false;
        sinceCollected = 0;
      }
      clearTimeout(timer);
      timer = setTimeout(over, QUIET_MS);
      timer.unref();
    },
    stop: () => clearTimeout(timer),
  };
}
