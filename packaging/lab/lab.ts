import { join } from "node:path";
import { SiteAgents } from "./agents.ts";
import { ControlServer, LabClient } from "./control/index.ts";
import { credentialsFrom, type LabCredential } from "./credential.ts";
import { type Device, Site } from "./device/index.ts";
import { type ActiveFault, FaultBoard, type FaultRequest } from "./fault/index.ts";
import { SignalSender, type SignalTargets } from "./signal/index.ts";
import { type LabDevice, type LabSiteConfig, siteConfigOf } from "./site-config.ts";
import { openSiteFile, type SiteFile, writeSiteFile } from "./state/index.ts";
import { Uplink, type UplinkTargets } from "./uplink/index.ts";

export interface LabOptions extends SignalTargets {
  /** The lab's own folder, such as `<data>/lab`. It keeps the site's passwords, boots and ports. */
  dir: string;
  seed?: number;
  /** One UDP port for all agents; without it the last one, else a free one. */
  port?: number;
  uplinkTargets?: UplinkTargets;
  /** Serve the control API that `lab fault` talks to, and write `<dir>/control.json`. */
  control?: boolean;
  /** Unix milliseconds, never going back. */
  clock?: () => number;
}

export interface Lab {
  readonly devices: readonly LabDevice[];
  readonly uplink: Uplink;
  /** The simulated site itself, for tests that look behind SNMP. */
  readonly site: Site;
  siteConfig: () => LabSiteConfig;
  faults: () => ActiveFault[];
  /** Throws FaultRequestError for what is not there. */
  inject: (name: string, request?: FaultRequest) => ActiveFault;
  /** By id or name; all without one. */
  clear: (which?: string) => ActiveFault[];
  stop: () => Promise<void>;
}

/** Wall time that a stepped system clock cannot turn back. */
const steadyClock = () => performance.timeOrigin + performance.now();

/** Starts the simulated site: an agent per device, the uplink's proxies, signals, and the control API. */
export async function startLab(options: LabOptions): Promise<Lab> {
  if (options.control && (await LabClient.isRunning(options.dir)))
    throw new Error(`a lab runs in ${options.dir} already; stop it first, or choose another data folder`);
  const clock = options.clock ?? steadyClock;
  const kept = openSiteFile(options.dir, {
    nowMs: clock(),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const site = new Site({ seed: kept.seed, epochMs: kept.epochMs, boots: kept.boots, clock });
  const credentials = credentialsFrom(kept.passwords);
  const credentialOf = (device: Device): LabCredential => credentials[device.plan.credential];

  const undo: (() => void | Promise<void>)[] = [];
  const stop = async () => {
    for (const action of undo.splice(0).toReversed()) await action();
  };
  try {
    const port = options.port === undefined ? { preferred: kept.port } : { wanted: options.port };
    const agents = await SiteAgents.bind(site, credentialOf, port);
    undo.push(() => agents.close());
    const uplink = await Uplink.open(kept.uplinkPorts, options.uplinkTargets);
    undo.push(() => uplink.close());
    const signals = await SignalSender.open(site, options, (device) =>
      agents.security(device, credentialOf(device), clock()),
    );
    undo.push(() => signals?.close());

    const save = () => writeSiteFile(options.dir, snapshot(kept, { site, port: agents.port, uplink }));
    save();
    const board = new FaultBoard(site, uplink, save);
    undo.push(() => board.stop());

    const devices = [...site.devices.values()].map((device) => labDeviceOf(device, agents.port));
    const lab: Lab = {
      devices,
      uplink,
      site,
      siteConfig: () => siteConfigOf(devices, Object.values(credentials), uplink.ports),
      faults: () => board.active(),
      inject: (name, request) => board.inject(name, request),
      clear: (which) => board.clear(which),
      stop,
    };
    if (options.control) {
      const control = ControlServer.open(lab, join(options.dir, "control.json"));
      undo.push(() => control.close());
    }
    return lab;
  } catch (error) {
    await stop();
    throw error;
  }
}

function labDeviceOf(device: Device, port: number): LabDevice {
  const { role, credential } = device.plan;
  return { name: device.name, address: device.address, port, role, credential };
}

/** What the next start must know. */
function snapshot(kept: SiteFile, now: { site: Site; port: number; uplink: Uplink }): SiteFile {
  const boots = Object.fromEntries([...now.site.devices.values()].map((device) => [device.name, device.boot]));
  return { ...kept, port: now.port, uplinkPorts: now.uplink.ports, boots };
}
