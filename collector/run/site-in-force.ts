import type { Logger } from "pino";
import { type CollectorConfig, openPushedConfig, type Push, type SitePart } from "../config/index.ts";

/** Devices, rules and polling: the hub's when it pushed some that fit, else the local file's. */
export interface SiteInForce {
  current(): SitePart;
  /** 0 while the local file is in force. */
  version(): number;
  /** Why what the hub pushed before is not in force; empty in the normal case. */
  problem(): string;
  accept(version: number, yaml: string): Push;
}

export function openSiteInForce(options: { config: CollectorConfig; dataDir: string; log: Logger }): SiteInForce {
  const { config, dataDir, log } = options;
  const pushed = openPushedConfig({ dataDir, credentials: config.credentials });
  const stored = pushed.read();
  let site: SitePart = { poll: config.poll, devices: config.devices, rules: config.rules };
  let version = 0;
  let problem = "";
  if (stored.kind === "in-force") ({ site, version } = stored);
  if (stored.kind === "unusable") {
    problem = `The local file is in force: ${stored.reason}`;
    log.error(problem);
  }
  return {
    current: () => site,
    version: () => version,
    problem: () => problem,
    accept(nextVersion, yaml) {
      const push = pushed.accept(nextVersion, yaml);
      if (push.kind === "applied") {
        site = push.site;
        version = nextVersion;
        problem = "";
      }
      return push;
    },
  };
}
