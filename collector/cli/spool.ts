import { join } from "node:path";
import pino from "pino";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config/index.ts";
import { tame } from "../rule/index.ts";
import { openSpool, type Spool } from "../spool/index.ts";
import { sayBadConfig } from "./run.ts";
import { tableOf } from "./table.ts";
import { FAILED, OK, type Terminal } from "./terminal.ts";

export interface SpoolCommandOptions {
  config: string;
  dataDir?: string;
  json?: boolean;
}

/** What the store rejected for good and the spool put aside, with the store's words. */
export function listQuarantined(terminal: Terminal, options: SpoolCommandOptions): Promise<number> {
  return withSpool(terminal, options, async (spool) => {
    const blocks = spool.quarantined();
    if (options.json) terminal.out(JSON.stringify({ blocks }));
    else if (blocks.length === 0) terminal.out("Nothing is put aside.");
    else {
      const rows = blocks.map(({ id, samples, fromMs, toMs, reason }) => [
        String(id),
        String(samples),
        new Date(fromMs).toISOString(),
        new Date(toMs).toISOString(),
        tame(reason),
      ]);
      for (const line of tableOf(["block", "samples", "from", "to", "reason"], rows)) terminal.out(line);
    }
    return OK;
  });
}

/** Puts them back in line: they are sent when the collector runs. Without numbers, all of them. */
export function replayQuarantined(terminal: Terminal, ids: number[], options: SpoolCommandOptions): Promise<number> {
  return withSpool(terminal, options, async (spool) => {
    const known = spool.quarantined().map(({ id }) => id);
    const unknown = ids.filter((id) => !known.includes(id));
    if (unknown.length > 0) {
      terminal.err(`block ${unknown.join(", ")} is not put aside; "collector spool list" shows those that are.`);
      return FAILED;
    }
    const blocks = await spool.replay(ids.length > 0 ? ids : known);
    if (options.json) terminal.out(JSON.stringify({ replayed: blocks }));
    else terminal.out(`${blocks} blocks are back in line; they are sent when the collector runs.`);
    return OK;
  });
}

/** The spool of a collector that does not run: it is locked while one does. */
async function withSpool(
  terminal: Terminal,
  options: SpoolCommandOptions,
  work: (spool: Spool) => Promise<number>,
): Promise<number> {
  const loaded = loadConfig(options.config, terminal.env);
  if (loaded.kind !== "ok") return sayBadConfig(terminal, loaded);
  const { config } = loaded;
  const spool = openSpool({
    dir: join(options.dataDir ?? config.dataDir, "spool"),
    bytesMax: config.spool.samplesBytesMax,
    freeBytesMin: config.spool.freeBytesMin,
    resendWindowMs: config.remoteWrite.resendWindowMs,
    clock: systemClock,
    log: pino({ level: "silent" }),
    onGap: () => Promise.reject(new Error("gaps are told while the collector runs")),
  });
  try {
    return await work(spool);
  } finally {
    spool.close();
  }
}
