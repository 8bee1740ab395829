import type { Logger } from "pino";
import { type CollectorConfig, openPushedConfig, type Push, type PushedSite, type SitePart } from "../config/index.ts";

/** Devices, rules and polling: the hub's when it pushed some that fit, else the local file's. */
export interface SiteInForce {
  current(): SitePart;
  /** 0 while the local file is in force. */
  version(): number;
  /** What the hub is told: one that is still on trial does not count. */
  provenVersion(): number;
  isProven(): boolean;
  /** Why what the hub pushed before is not in force; empty in the normal case. */
  problem(): string;
  /** Taken on trial: `prove` or `rollBack` has to follow. */
  accept(version: number, yaml: string): Push;
  prove(): void;
  /** The collector has lived long with it: there is no way back any more. */
  settle(): void;
  /** Somebody asked this process to end: that is held against nothing. */
  stopped(): void;
  /** Back to what was in force before, which it gives. */
  rollBack(reason: string): SitePart;
}

export function openSiteInForce(options: { config: CollectorConfig; dataDir: string; log: Logger }): SiteInForce {
  const { config, dataDir, log } = options;
  const pushed = openPushedConfig({ dataDir, credentials: config.credentials });
  const local: SitePart = { poll: config.poll, devices: config.devices, rules: config.rules };
  let site = local;
  let version = 0;
  let isProven = true;
  let problem = "";
  take(pushed.read());

  function take(next: PushedSite): void {
    site = next.kind === "in-force" ? next.site : local;
    version = next.kind === "in-force" ? next.version : 0;
    isProven = next.kind === "in-force" ? next.isProven : true;
    problem = next.kind === "unusable" ? `The local file is in force: ${next.reason}` : "";
    if (problem !== "") log.error(problem);
  }

  return {
    current: () => site,
    version: () => version,
    provenVersion: () => (isProven ? version : pushed.provenVersion()),
    isProven: () => isProven,
    problem: () => problem,
    accept(nextVersion, yaml) {
      const push = pushed.accept(nextVersion, yaml);
      if (push.kind === "applied") take({ kind: "in-force", version: nextVersion, site: push.site, isProven: false });
      return push;
    },
    prove() {
      pushed.prove();
      isProven = true;
    },
    settle: () => pushed.settle(),
    stopped: () => pushed.stopped(),
    rollBack(reason) {
      log.error({ version }, `configuration of the hub rolled back: ${reason}`);
      take(pushed.rollBack(reason));
      return site;
    },
  };
}
