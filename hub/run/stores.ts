import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { startPostgres, startVictoriaMetrics } from "@watchpost/db/embedded";
import type { Logger } from "pino";
import type { HubConfig } from "../config/index.ts";

export interface Stores {
  databaseUrl: string;
  /** Undefined when there is no metrics store. */
  vmUrl: string | undefined;
  /** Rejects when a server that we started ends by itself. */
  died: Promise<never>;
  stop(): Promise<void>;
}

/** The two databases: those that the settings name, else our own on loopback. */
export async function startStores(config: HubConfig, log: Logger): Promise<Stores> {
  await using started = new AsyncDisposableStack();
  const deaths = Promise.withResolvers<never>();
  // Nobody may be listening yet when the first one dies.
  deaths.promise.catch(() => undefined);
  let stopping = false;
  const watch = async (name: string, exited: Promise<number>) => {
    const code = await exited;
    if (!stopping)
      deaths.reject(new Error(`${name} ended by itself with code ${code}; see its log in ${config.dataDir}.`));
  };

  let { databaseUrl, vmUrl } = config;
  if (databaseUrl === undefined) {
    mkdirSync(config.dataDir, { recursive: true });
    const postgres = await startPostgres({ dir: resolve(config.dataDir) });
    started.defer(() => postgres.stop());
    void watch("Postgres", postgres.exited);
    databaseUrl = postgres.url;
    log.info({ origin: postgres.origin }, "Postgres started");
  }
  if (vmUrl === undefined) {
    const store = await startVictoriaMetrics({ dir: resolve(join(config.dataDir, "victoria-metrics")) });
    if (store.kind === "started") {
      started.defer(() => store.stop());
      void watch("VictoriaMetrics", store.exited);
      vmUrl = store.url;
      log.info({ url: vmUrl }, "VictoriaMetrics started");
    } else {
      log.warn(
        { reason: store.reason },
        "there is no metrics store: charts stay empty and collectors keep their samples",
      );
    }
  }
  const kept = started.move();
  return {
    databaseUrl,
    vmUrl,
    died: deaths.promise,
    async stop() {
      stopping = true;
      await kept.disposeAsync();
    },
  };
}
