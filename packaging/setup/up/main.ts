/** npm start, second half: starts hub, lab and collector in order, waits for first data, and stops them in reverse. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { freePort } from "@watchpost/db/embedded";
import { startLab } from "../../lab/index.ts";
import { takeDataDir } from "./data-dir.ts";
import { addDemoScripts } from "./demo-scripts.ts";
import { enrollmentToken, type HubReady, hubReadySchema, untilDevicesAnswer } from "./hub-client.ts";
import { parseOptions, type StartOptions } from "./options.ts";
import { keep } from "./keep.ts";
import { firstLine, lifeOf, type Part, startPart, stopPart } from "./part.ts";
import { StartRefused } from "./refused.ts";
import { freeListenPorts, isEnrolled, type ListenPorts, writeCollectorConfig } from "./site.ts";

const HUB_DEADLINE_MS = 90_000;
const DEVICES_DEADLINE_MS = 60_000;
const SITE = "harbor";
const HTTP_PORT = 8080;
const GRPC_PORT = 8443;

const checkout = resolve(import.meta.dir, "..", "..", "..");
const started = performance.now();
/** What to undo at the end, newest last. */
const undo: (() => unknown)[] = [];
let stopping: Promise<void> | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void stopAll().then(() => process.exit(0)));
}
try {
  await up(parseOptions(process.argv.slice(2), checkout));
} catch (error) {
  if (stopping === undefined) {
    progress("✗", error instanceof StartRefused ? error.message : String(error instanceof Error ? error.stack : error));
    await stopAll();
    process.exit(1);
  }
}

async function up(options: StartOptions): Promise<void> {
  undo.push(takeDataDir(options.data));
  const logDir = join(options.data, "log");
  mkdirSync(logDir, { recursive: true });

  const hub = await startHub(options, logDir);
  progress("✓", `hub on ${hub.url}${hub.vmUrl === null ? " (no metrics store: charts stay empty)" : ""}`);

  const ports = await freeListenPorts();
  const lab = options.lab ? await startSite(options, hub, ports) : undefined;
  const statusPort = await freePort({ wanted: 9464 });
  const dir = join(options.data, "collector");
  const config = writeCollectorConfig({ dir, statusPort, lab, ports });
  const args = [join(checkout, "collector", "main.ts"), "run", "--config", config];
  const startCollector = async (): Promise<Part> => {
    const env = isEnrolled(dir) ? {} : { WATCHPOST_TOKEN: await enrollmentToken(hub, SITE) };
    return startPart({ name: "collector", args, logDir, env });
  };
  keepRunning(await startCollector(), startCollector);
  progress("✓", `collector harbor-1, its own page on http://127.0.0.1:${statusPort}`);

  if (lab) {
    await addDemoScripts(hub);
    const seen = await untilDevicesAnswer(hub, lab.devices.length, DEVICES_DEADLINE_MS);
    progress("✓", `${seen.up} of ${lab.devices.length} devices answer`);
  }
  announce(options, hub, statusPort);
}

/** The port that was asked for, or a free one near the well-known. */
async function hubPort(option: string, asked: number | undefined, wellKnown: number): Promise<number> {
  const port = await freePort({ wanted: asked ?? wellKnown });
  if (asked === undefined || asked === 0 || port === asked) return port;
  throw new StartRefused(`port ${asked} on 127.0.0.1 cannot be used. Free it, or choose another with ${option}.`);
}

async function startHub(options: StartOptions, logDir: string): Promise<HubReady> {
  const httpPort = await hubPort("--http-port", options.httpPort, HTTP_PORT);
  const grpcPort = await hubPort("--grpc-port", options.grpcPort, GRPC_PORT);
  progress("·", "hub: starting Postgres, VictoriaMetrics and the listeners");
  const ports = ["--http-port", String(httpPort), "--grpc-port", String(grpcPort)];
  const args = [join(checkout, "hub", "main.ts"), "serve", "--data", options.data, ...ports];
  const part = startPart({ name: "hub", args: [...args, "--json"], logDir, pipeStdout: true });
  undo.push(() => stopPart(part));
  const ready = hubReadySchema.parse(JSON.parse(await firstLine(part, HUB_DEADLINE_MS)));
  // Without --json, which would end the API token that the first start made.
  keepRunning(part, () => startPart({ name: "hub", args, logDir }));
  return ready;
}

async function startSite(options: StartOptions, hub: HubReady, ports: ListenPorts) {
  const uplinkTargets = { link: hub.link, enrollment: hub.grpc, remoteWrite: new URL(hub.gateway).host };
  const signals = { trapTarget: `127.0.0.1:${ports.trap}`, syslogTarget: `127.0.0.1:${ports.syslog}` };
  const lab = await startLab({ dir: join(options.data, "lab"), uplinkTargets, control: true, ...signals });
  undo.push(() => lab.stop());
  progress("✓", `lab site with ${lab.devices.length} devices`);
  return lab;
}

/** A part that ends by itself is started again; one that falls over again and again ends everything. */
function keepRunning(part: Part, startAgain: () => Part | Promise<Part>): void {
  const kept = keep({
    name: part.name,
    first: lifeOf(part),
    startAgain: async () => lifeOf(await startAgain()),
    say: (sentence) => progress("!", sentence),
    onGivenUp: (sentence) => {
      if (stopping !== undefined) return;
      progress("✗", `${sentence} Stopping the rest.`);
      void stopAll().then(() => process.exit(1));
    },
  });
  undo.push(() => kept.stop());
}

function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const step of undo.toReversed()) await step();
    progress("✓", "stopped");
  })();
  return stopping;
}

function announce(options: StartOptions, hub: HubReady, statusPort: number): void {
  const { url, signInUrl, apiToken, vmUrl, databaseUrl } = hub;
  const collectorStatusUrl = `http://127.0.0.1:${statusPort}`;
  // TLS has no names for addresses: some clients refuse an IP as the server's name.
  const grpc = hub.grpc.replace(/^127\.0\.0\.1:/, "localhost:");
  const caFile = join(options.data, "hub", "ca", "certificate.pem");
  progress("✓", `ready after ${((performance.now() - started) / 1000).toFixed(1)} s. Stop with Ctrl-C.`);
  if (options.json) {
    const ready = { url, signInUrl, apiToken, grpc, vmUrl, databaseUrl, collectorStatusUrl, pid: process.pid, caFile };
    console.log(JSON.stringify(ready));
  } else {
    progress("→", `sign in (once, 15 min): ${signInUrl}`);
  }
  if (options.open)
    Bun.spawn([process.platform === "darwin" ? "open" : "xdg-open", signInUrl], {
      stdio: ["ignore", "ignore", "ignore"],
    });
}

function progress(mark: string, line: string): void {
  console.error(`${mark} ${line}`);
}
