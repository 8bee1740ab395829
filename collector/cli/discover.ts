import { type CollectorConfig, configSchema, loadConfig } from "../config/index.ts";
import { systemTimerClock } from "../device/clock.ts";
import { permit, type Progress, scan, type ScanResult } from "../discover/index.ts";
import { sayBadConfig } from "./run.ts";
import { libraryWith } from "./profile.ts";
import { tableOf } from "./table.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

export interface DiscoverOptions {
  cidr: string[];
  config?: string;
  community?: string;
  port?: number;
  packetsPerSecond?: number;
  timeoutMs?: number;
  json?: boolean;
}

const PROGRESS_EVERY_MS = 1_000;

type Chosen = { kind: "config"; config: CollectorConfig } | { kind: "refused"; code: number };

/** Scans ranges once and prints devices and links. Ctrl-C ends the scan and prints what was found until then. */
export async function discover(terminal: Terminal, options: DiscoverOptions): Promise<number> {
  const chosen = choose(terminal, options);
  if (chosen.kind === "refused") return chosen.code;
  const { credentials, discover: settings } = chosen.config;
  // Who stands at this terminal names the ranges; where the site's file names some, they bind here too.
  const permitted = permit(options.cidr, settings.allow.length > 0 ? settings.allow : options.cidr);
  if (permitted.kind === "refused") {
    terminal.err(permitted.reason);
    return USAGE;
  }
  const abort = new AbortController();
  const cancel = (): void => abort.abort();
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  try {
    const onProgress = progressLine(terminal);
    const library = libraryWith(terminal, chosen.config.profiles.folder);
    const common = { credentials, settings, library, clock: systemTimerClock };
    const result = await scan({ ...common, addresses: permitted.addresses, signal: abort.signal, onProgress });
    if (options.json) terminal.out(jsonOf(result));
    else print(terminal, result);
    return result.kind === "finished" ? OK : FAILED;
  } finally {
    process.off("SIGINT", cancel);
    process.off("SIGTERM", cancel);
  }
}

function choose(terminal: Terminal, options: DiscoverOptions): Chosen {
  const { config: file, community, port, packetsPerSecond, timeoutMs } = options;
  const changed = {
    ...(port === undefined ? {} : { snmpPorts: [port] }),
    ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  if (file !== undefined) {
    const loaded = loadConfig(file, terminal.env);
    if (loaded.kind !== "ok") return { kind: "refused", code: sayBadConfig(terminal, loaded) };
    const { config } = loaded;
    return { kind: "config", config: { ...config, discover: { ...config.discover, ...changed } } };
  }
  if (community === undefined) {
    terminal.err("say how to ask: --config FILE with the credentials to try, or --community C");
    return { kind: "refused", code: USAGE };
  }
  const credentials = [{ name: "command-line", version: "v2c", community }];
  return { kind: "config", config: configSchema.parse({ name: "command-line", credentials, discover: changed }) };
}

function progressLine(terminal: Terminal): (progress: Progress) => void {
  let saidAtMs = performance.now();
  return ({ done, addresses, answered, packets }) => {
    const nowMs = performance.now();
    if (nowMs - saidAtMs < PROGRESS_EVERY_MS) return;
    saidAtMs = nowMs;
    terminal.err(`${done} of ${addresses} addresses, ${answered} answered, ${packets} packets sent`);
  };
}

function print(terminal: Terminal, { kind, devices, hosts, links, progress }: ScanResult): void {
  const { done, addresses, packets } = progress;
  terminal.out(
    `scan ${kind}: ${devices.length} devices, ${links.length} links; ${done} of ${addresses} addresses, ${packets} packets`,
  );
  const names = new Map(devices.map(({ key, main }) => [key, main.identity.sysName || main.address]));
  section(
    terminal,
    ["Device", "Address", "Vendor", "Model", "Serial", "Credential", "Also at"],
    devices.map(({ main, members }) => [
      main.identity.sysName,
      main.address,
      main.identity.vendor,
      main.identity.model,
      main.identity.serial,
      main.credential,
      members.flatMap(({ address }) => (address === main.address ? [] : [address])).join(" "),
    ]),
  );
  section(
    terminal,
    ["From", "Port", "To", "Port", "Sure", "By"],
    links.map(({ a, b, confidence, protocols }) => [
      names.get(a.deviceKey) ?? a.system,
      a.port,
      names.get(b.deviceKey) ?? b.system,
      b.port,
      confidence,
      protocols.join(" "),
    ]),
  );
  section(
    terminal,
    ["No credential fits", "TCP ports", "SNMP agent", "Ping"],
    hosts.map((host) => [
      host.address,
      host.openPorts.join(" "),
      host.hasAgent ? "yes" : "no",
      host.answersEcho ? "yes" : "no",
    ]),
  );
}

function section(terminal: Terminal, head: string[], rows: string[][]): void {
  if (rows.length === 0) return;
  terminal.out("");
  for (const line of tableOf(head, rows)) terminal.out(line);
}

function jsonOf({ kind, devices, hosts, links, progress }: ScanResult): string {
  const shown = devices.map(({ key, main, members, confidence, reasons }) => ({
    key,
    ...main.identity,
    address: main.address,
    port: main.port,
    credential: main.credential,
    answeredAt: members.map(({ address }) => address),
    addresses: main.addresses,
    openPorts: main.openPorts,
    ...(confidence === undefined ? {} : { merged: { confidence, reasons } }),
    ...(main.incomplete === "" ? {} : { incomplete: main.incomplete }),
  }));
  return JSON.stringify({ state: kind, progress, devices: shown, hosts, links });
}
