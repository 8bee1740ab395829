import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@watchpost/db/embedded";
import { z } from "zod";
import type { HubConfig } from "../config/index.ts";

const DEFAULTS = { http: 8080, grpc: 8443, link: 8444, gateway: 8445 } as const;
type Listener = keyof typeof DEFAULTS;
export type Ports = Record<Listener, number>;

const remembered = z.partialRecord(z.enum(["http", "grpc", "link", "gateway"]), z.int().min(1).max(65_535));

/**
 * A port that was given is taken as it is. One that was not is the one of last time, for collectors know it by heart,
 * else the usual one, else a free one; what it became is kept in the data folder.
 */
export async function choosePorts(config: HubConfig): Promise<Ports> {
  const file = join(config.dataDir, "hub", "ports.json");
  const before = existsSync(file) ? remembered.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
  const given: Record<Listener, number | undefined> = {
    http: config.httpPort,
    grpc: config.grpcPort,
    link: config.linkPort,
    gateway: config.gatewayPort,
  };
  const chosen: Ports = { ...DEFAULTS };
  const kept: Partial<Ports> = { ...before };
  for (const listener of Object.keys(DEFAULTS) as Listener[]) {
    chosen[listener] = await choose(given[listener], before[listener] ?? DEFAULTS[listener]);
    if (given[listener] === undefined) kept[listener] = chosen[listener];
  }
  if (JSON.stringify(kept) !== JSON.stringify(before)) remember(file, kept);
  return chosen;
}

async function choose(given: number | undefined, wanted: number): Promise<number> {
  if (given !== undefined && given !== 0) return given;
  return freePort({ wanted: given ?? wanted });
}

function remember(file: string, ports: Partial<Ports>): void {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.partial`, `${JSON.stringify(ports)}\n`, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}
