import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, startPostgres, startVictoriaMetrics } from "@watchpost/db/embedded";
import postgres from "postgres";
import { type Lab, startLab } from "../../lab/index.ts";
import { scratchDir } from "../../parts/index.ts";
import { Kept } from "./kept.ts";
import { LineProcess } from "./process.ts";

const SITE = "harbor";
const HUB_DEADLINE_MS = 60_000;
const DRAIN_DEADLINE_MS = 180_000;

export interface SiteOptions {
  seed: number;
  eventsPerSecond: number;
  samplesPerSecond: number;
  pollMs?: number;
  /** Devices of the lab to poll; all when not given. */
  devicesMax?: number;
}

export interface HubAddresses {
  url: string;
  grpc: string;
  link: string;
  gateway: string;
  apiToken: string;
}

/** Lab, hub, Postgres, store and collector, each a real one; any of them may be killed and started again. */
export class ScenarioSite {
  readonly dir: string;
  readonly kept = new Kept();
  readonly #options: SiteOptions;
  readonly #vmUrl: string;
  readonly #stopVm: () => Promise<void>;
  readonly #postgresPort: number;
  #lab: Lab | undefined;
  #postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
  #hub: { process: LineProcess; addresses: HubAddresses } | undefined;
  #life = 0;
  hubOffsetMs = 0;

  private constructor(dir: string, options: SiteOptions, vm: { url: string; stop(): Promise<void> }, port: number) {
    this.dir = dir;
    this.#options = options;
    this.#vmUrl = vm.url;
    this.#stopVm = () => vm.stop();
    this.#postgresPort = port;
  }

  static async open(options: SiteOptions): Promise<ScenarioSite> {
    const dir = scratchDir("scenario");
    const vm = await startVictoriaMetrics({ dir: join(dir, "vm") });
    if (vm.kind === "missing") throw new Error(`this scenario needs VictoriaMetrics: ${vm.reason}`);
    const site = new ScenarioSite(dir, options, vm, await freePort());
    await site.startPostgres();
    await site.startHub();
    const { link, grpc, gateway } = site.addresses;
    const uplinkTargets = { link, enrollment: grpc, remoteWrite: new URL(gateway).host };
    await site.#bundleCollector();
    site.#lab = await startLab({ dir: join(dir, "lab"), seed: options.seed, uplinkTargets });
    site.#writeConfig();
    return site;
  }

  get vmUrl(): string {
    return this.#vmUrl;
  }

  get databaseUrl(): string {
    if (!this.#postgres) throw new Error("Postgres of the scenario does not run");
    return this.#postgres.url;
  }

  get addresses(): HubAddresses {
    if (!this.#hub) throw new Error("the hub of the scenario does not run");
    return this.#hub.addresses;
  }

  get hub(): LineProcess {
    if (!this.#hub) throw new Error("the hub of the scenario does not run");
    return this.#hub.process;
  }

  get postgresPid(): number {
    const pidFile = join(this.#postgres?.dir ?? "", "cluster", "postmaster.pid");
    return Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  }

  /** Events of all collectors in the database. */
  async storedEvents(): Promise<number> {
    const sql = postgres(this.databaseUrl, { max: 1, onnotice: () => undefined });
    try {
      const [row] = await sql<
        { count: number }[]
      >`select count(*)::int as count from shared.events where collector_id is not null`;
      return row?.count ?? 0;
    } finally {
      await sql.end();
    }
  }

  get lab(): Lab {
    if (!this.#lab) throw new Error("the lab of the scenario does not run");
    return this.#lab;
  }

  async startPostgres(): Promise<void> {
    this.#postgres = await startPostgres({ dir: join(this.dir, "pg"), port: this.#postgresPort });
  }

  /** SIGKILL to the postmaster; its backends follow. */
  async killPostgres(): Promise<void> {
    if (!this.#postgres) return;
    process.kill(this.postgresPid, "SIGKILL");
    await this.#postgres.exited;
  }

  async startHub(): Promise<void> {
    const ready = Promise.withResolvers<string>();
    const dataDir = join(this.dir, "hub");
    mkdirSync(dataDir, { recursive: true });
    const child = new LineProcess({
      script: join(import.meta.dir, "hub.ts"),
      args: [dataDir, this.databaseUrl, this.#vmUrl, String(this.hubOffsetMs)],
      logFile: join(this.dir, "hub.log"),
      onLine: ready.resolve,
    });
    const timer = setTimeout(
      () => ready.reject(new Error(`the hub was not ready; see ${this.dir}/hub.log`)),
      HUB_DEADLINE_MS,
    );
    this.#hub = { process: child, addresses: JSON.parse(await ready.promise) as HubAddresses };
    clearTimeout(timer);
  }

  /** A call to the hub's REST API, as an administrator. */
  async call(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
    const { url, apiToken } = this.addresses;
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** A one-time enrolment token. */
  async token(name = SITE): Promise<string> {
    return ((await this.call("POST", "/api/v1/enrollment-tokens", { site: name })) as { token: string }).token;
  }

  /** Starts the next life of the collector; resolves at once. */
  async startCollector(change: { wrap?: string[]; isFirst?: boolean } = {}): Promise<LineProcess> {
    this.#life += 1;
    const isFirst = change.isFirst ?? this.#life === 1;
    const { eventsPerSecond, samplesPerSecond } = this.#options;
    return new LineProcess({
      script: join(this.dir, "collector.js"),
      args: [join(this.dir, "collector.yaml"), String(this.#life), String(eventsPerSecond), String(samplesPerSecond)],
      logFile: join(this.dir, "collector.log"),
      env: isFirst ? { WATCHPOST_TOKEN: await this.token() } : {},
      ...(change.wrap ? { wrap: change.wrap } : {}),
      onLine: (line) => this.kept.take(line),
    });
  }

  async untilReady(lives: number): Promise<void> {
    await this.until("the collector is ready", () => this.kept.readyMs.length >= lives, HUB_DEADLINE_MS);
  }

  /** Load off, then until nothing waits any more. */
  async drain(collector: LineProcess): Promise<void> {
    collector.say("rest");
    await Bun.sleep(1_000);
    const { kept } = this;
    await this.until(
      "nothing waits at the collector",
      () => kept.pending.isUp && kept.pending.events === 0 && kept.pending.samples === 0,
      DRAIN_DEADLINE_MS,
    );
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>, deadlineMs: number): Promise<number> {
    const from = performance.now();
    while (!(await isSo())) {
      if (performance.now() - from > deadlineMs)
        throw new Error(`not within ${deadlineMs} ms: ${what} (logs in ${this.dir})`);
      await Bun.sleep(20);
    }
    return performance.now() - from;
  }

  async close(): Promise<void> {
    await this.#hub?.process.stop();
    await this.#lab?.stop();
    await this.#postgres?.stop();
    await this.#stopVm();
  }

  /** Hundreds of sources read at each of a thousand starts are half of what a start costs. */
  async #bundleCollector(): Promise<void> {
    const entry = join(import.meta.dir, "collector.ts");
    const { success, logs } = await Bun.build({ entrypoints: [entry], target: "bun", outdir: this.dir });
    if (!success) throw new AggregateError(logs, "the scenario's collector could not be bundled");
  }

  /** What the collector is to watch: its own file's, and what may be pushed of it. */
  config(): Omit<ReturnType<Lab["siteConfig"]>, "uplinkProxy"> {
    const { uplinkProxy: _, ...config } = this.lab.siteConfig();
    return { ...config, poll: { intervalMs: this.#options.pollMs ?? 1_000, timeoutMs: 500, retries: 1 } };
  }

  #writeConfig(): void {
    const { devices, ...rest } = this.config();
    const config = {
      name: "edge1",
      dataDir: join(this.dir, "collector"),
      status: { port: 0 },
      devices: devices.slice(0, this.#options.devicesMax),
      uplinkProxy: this.lab.siteConfig().uplinkProxy,
      ...rest,
    };
    writeFileSync(join(this.dir, "collector.yaml"), JSON.stringify(config), { mode: 0o600 });
  }
}
