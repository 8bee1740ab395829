/** Fewer leave too little behind to stop the hub for. */
const STREAMS_MIN = 200;
const QUIET_MS = 5_000;

/**
 * Gives back what the handshakes of many collectors left behind, once a wave of them is over: 31 to 34 KB a stream stay,
 * of 44 to 51. The pause of a collection (under 0.1 s) would otherwise come later, and the memory not at all.
 */
export function memoryAfterWaves(collect: () => void = () => Bun.gc(true)): { arrived: () => void; stop: () => void } {
  let streams = 0;
  let timer: Timer | undefined;
  const over = (): void => {
    if (streams >= STREAMS_MIN) collect();
    streams = 0;
  };
  return {
    arrived() {
      streams += 1;
      clearTimeout(timer);
      timer = setTimeout(over, QUIET_MS);
      timer.unref();
    },
    stop: () => clearTimeout(timer),
  };
}
