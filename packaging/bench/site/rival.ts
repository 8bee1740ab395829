import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@watchpost/db/embedded";
import { stringify } from "yaml";
import { startExporterProcess } from "../snmp/exporter.ts";
import type { DeviceAt } from "./collector.ts";

const READY_WITHIN_MS = 10_000;

export interface Rival {
  pids: number[];
  /** Scrapes since the start. */
  polls(): Promise<number>;
  stop(): Promise<void>;
}

/** Debian's snmp_exporter, scraped by vmagent, which writes to the store; undefined where one of them is missing. */
export async function startRival(options: {
  dir: string;
  devices: readonly DeviceAt[];
  intervalMs: number;
  storeUrl: string;
}): Promise<Rival | undefined> {
  const { dir, devices, intervalMs, storeUrl } = options;
  const program = Bun.which("vmagent");
  if (program === null) return undefined;
  const exporter = await startExporterProcess({ version: "v2c", dir });
  if (!exporter) return undefined;
  const config = join(dir, "vmagent.yml");
  writeFileSync(config, stringify(scrapeConfig({ exporter: exporter.listen, devices, intervalMs })));
  const listen = `127.0.0.1:${await freePort()}`;
  const agent = Bun.spawn(
    [
      program,
      `-promscrape.config=${config}`,
      `-remoteWrite.url=${storeUrl}/api/v1/write`,
      `-remoteWrite.tmpDataPath=${join(dir, "vmagent")}`,
      `-httpListenAddr=${listen}`,
    ],
    { stdin: "ignore", stdout: "ignore", stderr: "ignore" },
  );
  await untilReady(`http://${listen}/health`);
  return {
    pids: [exporter.pid, agent.pid],
    async polls() {
      const text = await (await fetch(`http://${listen}/metrics`)).text();
      return [...text.matchAll(/^vm_promscrape_scrapes_total\S* (\S+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    },
    async stop() {
      agent.kill();
      await agent.exited;
      await exporter.stop();
    },
  };
}

function scrapeConfig(of: { exporter: string; devices: readonly DeviceAt[]; intervalMs: number }): object {
  const every = `${of.intervalMs}ms`;
  return {
    global: { scrape_interval: every, scrape_timeout: every, external_labels: { site: "bench", collector: "bench" } },
    scrape_configs: [
      {
        job_name: "snmp",
        metrics_path: "/snmp",
        params: { module: ["bench"] },
        static_configs: of.devices.map(({ name, address, port }) => ({
          targets: [`${address}:${port}`],
          labels: { device: name },
        })),
        relabel_configs: [
          { source_labels: ["__address__"], target_label: "__param_target" },
          { target_label: "__address__", replacement: of.exporter },
        ],
      },
    ],
  };
}

async function untilReady(url: string): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await Bun.sleep(50);
  }
  throw new Error(`vmagent did not listen within ${READY_WITHIN_MS} ms`);
}
