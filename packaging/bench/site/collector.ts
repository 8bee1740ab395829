import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestAuthority } from "@watchpost/collector/enroll/authority.fixture.ts";
import { TestHub } from "@watchpost/collector/link/test-hub.fixture.ts";
import { COMMUNITY } from "../snmp/credential.ts";

const ROOT = join(import.meta.dir, "..", "..", "..");
const READY_WITHIN_MS = 60_000;

export interface DeviceAt {
  name: string;
  address: string;
  port: number;
}

export interface SiteCollector {
  pid: number;
  /** A gauge or counter of its own, without the common prefix; summed over its labels. */
  metric(name: string): Promise<number>;
  /** Names of the devices of firing events of this kind. */
  firing(kind: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** The collector as it is shipped: one binary. */
export function compileCollector(dir: string): string {
  const built = Bun.spawnSync([process.execPath, join(ROOT, "packaging/setup/build.ts"), "--out", dir], { cwd: ROOT });
  if (!built.success) throw new Error(`the collector does not compile: ${built.stderr.toString().slice(0, 500)}`);
  return join(dir, "collector");
}

/** Starts it in a process of its own, enrolled at a hub that answers, writing straight to the store. */
export async function startSiteCollector(options: {
  program: string;
  dir: string;
  devices: readonly DeviceAt[];
  intervalMs: number;
  storeUrl: string;
}): Promise<SiteCollector> {
  const { program, dir, devices, intervalMs, storeUrl } = options;
  const authority = await createTestAuthority();
  const hub = new TestHub(authority);
  await hub.start();
  const identity = join(dir, "identity");
  mkdirSync(identity, { recursive: true });
  await authority.identity(identity, { site: "bench", linkAddress: hub.address });
  const config = join(dir, "collector.yaml");
  const site = {
    name: "bench",
    dataDir: dir,
    status: { port: 0 },
    credentials: [COMMUNITY],
    poll: { intervalMs },
    devices: devices.map((device) => ({ ...device, credential: COMMUNITY.name })),
    remoteWrite: { url: `${storeUrl}/api/v1/write` },
  };
  writeFileSync(config, JSON.stringify(site), { mode: 0o600 });
  const child = Bun.spawn([program, "run", "--config", config], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const url = await statusUrl(child.stderr);
  return {
    pid: child.pid,
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.startsWith(`watchpost_collector_${name}`));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    async firing(kind) {
      const { firing } = (await (await fetch(`${url}/status.json`)).json()) as { firing: { fingerprint: string }[] };
      return firing.map(({ fingerprint }) => fingerprint.split("/")).flatMap(([a, b]) => (a === kind && b ? [b] : []));
    },
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      hub.kill();
    },
  };
}

/** The collector says on stderr where its status is; what else it says there is shown. */
async function statusUrl(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => found.reject(new Error(`the collector did not run within ${READY_WITHIN_MS} ms`)),
    READY_WITHIN_MS,
  );
  void readLines(stderr, (line) => {
    const said = /"status":"([^"]+)"/.exec(line)?.[1];
    if (said !== undefined) found.resolve(said);
    else if (/"level":[56]0/.test(line)) process.stderr.write(`collector: ${line}\n`);
  }).finally(() => found.reject(new Error("the collector ended before it ran")));
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
}
