import { Counter, Gauge, type Registry } from "prom-client";

const LAG_EVERY_MS = 500;

/**
 * What this process costs. prom-client's own defaults are empty or wrong under Bun, so these are measured here.
 * Returns the way to stop measuring.
 */
export function measureProcess(registry: Registry): () => void {
  const gauge = (name: string, help: string, read: () => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  gauge("process_heap_used_bytes", "JavaScript heap in use.", () => process.memoryUsage().heapUsed);
  gauge("process_start_time_seconds", "Start, Unix time.", () => Math.round(performance.timeOrigin / 1_000));
  registry.registerMetric(
    new Counter({
      name: "process_cpu_seconds_total",
      help: "User and system CPU time.",
      registers: [],
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    }),
  );
  let worstMs = 0;
  gauge("process_event_loop_lag_seconds", "Worst delay of a timer since the last scrape.", () => {
    const seconds = worstMs / 1_000;
    worstMs = 0;
    return seconds;
  });
  let dueMs = performance.now() + LAG_EVERY_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    worstMs = Math.max(worstMs, nowMs - dueMs);
    dueMs = nowMs + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
