import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Lab } from "../../lab/index.ts";
import { DEMO_SCRIPTS } from "./demo-scripts.ts";

const LOOPBACK = "127.0.0.1";
const POLL_INTERVAL_MS = 5_000;

export interface SiteOptions {
  dir: string;
  statusPort: number;
  lab: Lab | undefined;
  ports: ListenPorts;
}

/** Where devices send their traps and logs. */
export interface ListenPorts {
  trap: number;
  syslog: number;
}

/** Where the lab has its devices. */
const LAB_RANGE = "127.1.0.0/27";
const TRAP_PORT = 1162;
const SYSLOG_PORT = 1514;

/** UDP ports that are free now; the usual ones of programs without root's rights where they are. */
export async function freeListenPorts(): Promise<ListenPorts> {
  return { trap: await freeUdpPort(TRAP_PORT), syslog: await freeUdpPort(SYSLOG_PORT) };
}

async function freeUdpPort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    try {
      const probe = await Bun.udpSocket({ hostname: LOOPBACK, port });
      const free = probe.port;
      probe.close();
      return free;
    } catch (error) {
      if (port === 0 || !(error instanceof Error)) throw error;
    }
  }
  throw new Error("there is no free UDP port");
}

/** The hub may have the simulated site searched, and nothing else. */
function discoverLab(lab: Lab): { allow: string[]; snmpPorts: number[] } {
  return { allow: [LAB_RANGE], snmpPorts: [...new Set(lab.devices.map((device) => device.port))] };
}

/** Writes collector.yaml for this start; ports change between starts, the identity stays. Returns its path. */
export function writeCollectorConfig(options: SiteOptions): string {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const devices = options.lab?.siteConfig() ?? {};
  const config = {
    name: "harbor-1",
    dataDir: options.dir,
    status: { port: options.statusPort },
    scripts: { enabled: options.lab !== undefined, allow: options.lab ? DEMO_SCRIPTS.map((s) => s.name) : [] },
    traps: { address: LOOPBACK, port: options.ports.trap },
    syslog: { address: LOOPBACK, udpPort: options.ports.syslog, level: "notice" },
    ...(options.lab ? { discover: discoverLab(options.lab) } : {}),
    ...devices,
    poll: { intervalMs: POLL_INTERVAL_MS, timeoutMs: 1_000, retries: 1 },
  };
  const path = join(options.dir, "collector.yaml");
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}

export function isEnrolled(dir: string): boolean {
  return existsSync(join(dir, "identity"));
}
