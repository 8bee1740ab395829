import type { RunningCollector } from "./start-collector.ts";

/** The runtime goes on after an error that nothing caught; so somebody has to hear of it. Gives the way out. */
export function watchUncaught(collector: Pick<RunningCollector, "failed">): () => void {
  const tell = (error: unknown): void => collector.failed(error);
  process.on("uncaughtException", tell);
  process.on("unhandledRejection", tell);
  return () => {
    process.off("uncaughtException", tell);
    process.off("unhandledRejection", tell);
  };
}
