import type { HubConfig } from "../config/index.ts";
import { systemClock } from "../context.ts";
import { contextFor } from "../hub.ts";
import { createApiToken, FIRST_ADMIN_EMAIL, revokeApiTokens } from "../identity/index.ts";
import { removeRunningFile, type RunningHub, startHub, writeRunningFile } from "../run/index.ts";
import { openLog } from "./log.ts";

const START_TOKEN_NAME = "hub serve --json";

/** Runs the hub until it is told to stop. With `json`, one line on stdout once all listeners stand. */
export async function serve(config: HubConfig, json: boolean): Promise<void> {
  const log = openLog(config.logLevel);
  const asked = stopSignal();
  const running = await startHub({ config, log, clock: systemClock });
  try {
    const { url, grpcAddress: grpc, databaseUrl } = running;
    writeRunningFile(config.dataDir, { pid: process.pid, url, grpc, databaseUrl });
    console.log(json ? JSON.stringify(await readyLine(running)) : await readyText(running));
    log.info({ url, grpc, link: running.linkAddress, gateway: running.gatewayUrl }, "hub is ready");
    const signal = await Promise.race([asked, running.died]);
    log.info({ signal }, "hub is stopping");
  } finally {
    removeRunningFile(config.dataDir);
    await running.stop();
  }
  log.info("hub has stopped");
}

/** Signals that come again while the hub stops change nothing: Ctrl-C reaches us and our parent alike. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
  });
}

/** The API token of the last start ends when a new one is made. */
async function readyLine(running: RunningHub): Promise<Record<string, unknown>> {
  const ctx = contextFor(running.hub, { kind: "system" });
  await revokeApiTokens(ctx, START_TOKEN_NAME);
  const { token } = await createApiToken(ctx, { name: START_TOKEN_NAME, userEmail: FIRST_ADMIN_EMAIL, role: "admin" });
  return {
    url: running.url,
    signInUrl: await running.signInUrl(),
    apiToken: token,
    grpc: running.grpcAddress,
    link: running.linkAddress,
    gateway: running.gatewayUrl,
    vmUrl: running.vmUrl ?? null,
    databaseUrl: running.databaseUrl,
    pid: process.pid,
  };
}

async function readyText(running: RunningHub): Promise<string> {
  return [
    `Watchpost is ready on ${running.url}`,
    `Sign in (once, within 15 minutes): ${await running.signInUrl()}`,
    `Collectors enrol at ${running.grpcAddress}: hub token create --site SITE`,
  ].join("\n");
}
