import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { cpuMsOf } from "../meter.ts";
import { type BenchVersion, COMMUNITY, USER } from "./credential.ts";
import type { Round, Subject } from "./subject.ts";
import { COLUMNS, type Observed } from "./switch.ts";

const PROGRAM = "prometheus-snmp-exporter";
const READY_WITHIN_MS = 10_000;

export interface ExporterProcess {
  pid: number;
  /** host:port of its pages. */
  listen: string;
  stop(): Promise<void>;
}

/** Debian's prometheus-snmp-exporter with one module, `bench`; undefined where it is not installed. */
export async function startExporterProcess(options: {
  version: BenchVersion;
  dir: string;
}): Promise<ExporterProcess | undefined> {
  const program = Bun.which(PROGRAM);
  if (program === null) return undefined;
  const config = join(options.dir, `snmp-${options.version}.yml`);
  writeFileSync(config, stringify({ bench: moduleFor(options.version) }));
  const listen = `127.0.0.1:${freePort()}`;
  const child = Bun.spawn([program, `--config.file=${config}`, `--web.listen-address=${listen}`, "--log.level=error"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  await untilReady(`http://${listen}/`);
  return {
    pid: child.pid,
    listen,
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

/** The same as a subject that is asked over HTTP. */
export async function startExporter(options: {
  version: BenchVersion;
  inFlight: number;
  ports: readonly number[];
  dir: string;
}): Promise<Subject | undefined> {
  const exporter = await startExporterProcess(options);
  if (!exporter) return undefined;
  const { pid, listen } = exporter;
  const url = (device: number) => `http://${listen}/snmp?module=bench&target=127.0.0.1:${options.ports[device]}`;
  return {
    name: "snmp_exporter",
    run: (polls) => run({ polls, inFlight: options.inFlight, devices: options.ports.length, pid, url }),
    observed: async () => (await Promise.all(options.ports.map((_, device) => read(device, url(device))))).flat(),
    stop: () => exporter.stop(),
  };
}

function moduleFor(version: BenchVersion): object {
  const name = "1.3.6.1.2.1.31.1.1.1.1";
  return {
    walk: [...COLUMNS.map(({ oid }) => oid), name],
    get: ["1.3.6.1.2.1.1.3.0"],
    metrics: COLUMNS.map(({ metric, oid }) => ({
      name: metric,
      oid,
      type: metric.endsWith("_total") ? "counter" : "gauge",
      help: metric,
      indexes: [{ labelname: "ifIndex", type: "gauge" }],
      lookups: [{ labels: ["ifIndex"], labelname: "ifName", oid: name, type: "DisplayString" }],
    })),
    version: version === "v3" ? 3 : 2,
    max_repetitions: 25,
    timeout: "2s",
    auth:
      version === "v2c"
        ? { community: COMMUNITY.community }
        : {
            security_level: "authPriv",
            username: USER.user,
            password: USER.authPassword,
            auth_protocol: "SHA256",
            priv_protocol: "AES",
            priv_password: USER.privPassword,
          },
  };
}

async function run(of: {
  polls: number;
  inFlight: number;
  devices: number;
  pid: number;
  url: (device: number) => string;
}): Promise<Round> {
  let next = 0;
  const before = cpuMsOf(of.pid);
  const worker = async () => {
    while (next < of.polls) {
      const answer = await fetch(of.url(next++ % of.devices));
      const text = await answer.text();
      if (!answer.ok) throw new Error(`snmp_exporter answered ${answer.status}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: of.inFlight }, worker));
  return { polls: of.polls, cpuMs: cpuMsOf(of.pid) - before, rssBytes: rssOf(of.pid), requests: 0 };
}

async function read(device: number, url: string): Promise<Observed[]> {
  const columns = new Map<string, number>(COLUMNS.map(({ metric }, column) => [metric, column]));
  const text = await (await fetch(url)).text();
  return text.split("\n").flatMap((line) => {
    const found = /^(\w+)\{.*ifIndex="(\d+)".*\} (\S+)$/.exec(line);
    const column = columns.get(found?.[1] ?? "");
    return column === undefined ? [] : [{ device, port: Number(found?.[2]), column, value: Number(found?.[3]) }];
  });
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;
}

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = server;
  server.stop(true);
  return port;
}

async function untilReady(url: string): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await Bun.sleep(50);
  }
  throw new Error(`${PROGRAM} did not listen within ${READY_WITHIN_MS} ms`);
}
