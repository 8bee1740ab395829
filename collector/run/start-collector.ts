import { systemTimerClock } from "../device/clock.ts";
import type { SitePart } from "../config/index.ts";
import type { IdentityStore } from "../enroll/index.ts";
import { loadSiteProfiles, type ProfileLibrary } from "../profile/index.ts";
import { type Scraper, startScraper } from "../scrape/index.ts";
import { type StatusServer, type StatusView, startStatusServer } from "../status/index.ts";
import { type ConfigTrial, createConfigTrial } from "./config-trial.ts";
import type { Context } from "./context.ts";
import { type Enrolment, startEnrolment } from "./enrolment.ts";
import { createFlow, type Flow } from "./flow.ts";
import { type HubSide, startHubSide } from "./hub-side.ts";
import { type Listening, startListening } from "./listening.ts";
import { openSiteInForce, type SiteInForce } from "./site-in-force.ts";
import { openStores, type Stores } from "./stores.ts";
import { gatherView } from "./view.ts";

/** `dataDir`, `clock` and `random` have defaults: the configuration's folder, the system's clock and generator. */
export type StartOptions = Pick<Context, "config" | "env" | "log"> &
  Partial<Context> & {
    /** For what watches a collector from outside: what it puts around the stores sees all that they keep. */
    openStores?: typeof openStores;
  };

export interface RunningCollector {
  statusUrl: string;
  status(): StatusView;
  /** Takes note of an error that nothing caught; a configuration on trial is rolled back for it. */
  failed(error: unknown): void;
  /** Ends polls, scripts and the link, writes what is pending, closes the stores. */
  stop(): Promise<void>;
}

/**
 * Starts one collector. Throws, left nothing running, when the data folder cannot be used, the token is refused or the
 * status port is taken.
 */
export async function startCollector(options: StartOptions): Promise<RunningCollector> {
  const dataDir = options.dataDir ?? options.config.dataDir;
  const library = options.library ?? libraryOf(options);
  const context = { clock: systemTimerClock, random: Math.random, ...options, dataDir, library };
  const collector = new Collector(context, options.openStores ?? openStores);
  try {
    const statusUrl = await collector.start();
    return {
      statusUrl,
      status: () => collector.view(),
      failed: (error) => collector.failed(error),
      stop: () => collector.stopAsAsked(),
    };
  } catch (error) {
    await collector.stop();
    throw error;
  }
}

/** A profile of the site that is wrong is left out and named: the devices that it is not for are polled all the same. */
function libraryOf({ config, log }: StartOptions): ProfileLibrary {
  const { library, names, problems } = loadSiteProfiles(config.profiles.folder);
  for (const problem of problems) log.error({ problem }, "a profile of this site is left out");
  if (names.length > 0) log.info({ profiles: names }, "profiles of this site count");
  return library;
}

class Collector {
  readonly #context: Context;
  readonly #startedAtMs: number;
  readonly #openStores: typeof openStores;
  #stores: Stores | undefined;
  #site: SiteInForce | undefined;
  #flow: Flow | undefined;
  #trial: ConfigTrial | undefined;
  #listening: Listening | undefined;
  #scraper: Scraper | undefined;
  #server: StatusServer | undefined;
  #enrolment: Enrolment | undefined;
  #hub: HubSide | undefined;

  constructor(context: Context, open: typeof openStores) {
    this.#context = context;
    this.#openStores = open;
    this.#startedAtMs = context.clock.nowMs();
  }

  /** Gives the URL of the status page. The token is spent last, when all else is known to work. */
  async start(): Promise<string> {
    const context = this.#context;
    const stores = this.#openStores(context);
    this.#stores = stores;
    const site = openSiteInForce(context);
    this.#site = site;
    const onDevice: Parameters<typeof createFlow>[0]["onDevice"] = (device) => this.#hub?.link.setDevice(device);
    const flow = createFlow({ ...context, stores, site: site.current(), onDevice });
    this.#flow = flow;
    if (site.isProven()) await flow.apply(site.current());
    const trial = createConfigTrial({ ...context, site, applySite: (part) => this.#applySite(part, flow) });
    this.#trial = trial;
    trial.resume();
    this.#listening = await startListening({ ...context, flow });
    this.#scraper = startScraper({
      ...context,
      targets: context.config.scrape,
      table: flow.series,
      append: (batch) => stores.spool.append(batch),
      onTrouble: (message) => context.log.warn(message),
      onError: (error) => context.log.error({ err: error }, "a scrape could not be kept"),
    });
    const server = startStatusServer({ ...context.config.status, view: () => this.view() });
    this.#server = server;
    const onIdentity = (identity: IdentityStore): void => this.#meetHub({ identity, stores, site, flow, trial });
    this.#enrolment = await startEnrolment({ ...context, onIdentity });
    flow.start();
    return server.url;
  }

  failed(error: unknown): void {
    this.#context.log.error({ err: error }, "an error that nothing caught; the collector goes on");
    this.#trial?.harm(`an error that nothing caught: ${error instanceof Error ? error.message : String(error)}`);
  }

  stopAsAsked(): Promise<void> {
    this.#site?.stopped();
    return this.stop();
  }

  async stop(): Promise<void> {
    this.#enrolment?.stop();
    this.#trial?.stop();
    await this.#listening?.stop();
    await this.#scraper?.stop();
    await this.#flow?.stop();
    await this.#hub?.stop();
    await this.#server?.stop();
    this.#stores?.close();
  }

  view(): StatusView {
    return gatherView({
      ...this.#context,
      startedAtMs: this.#startedAtMs,
      stores: this.#stores,
      site: this.#site,
      flow: this.#flow,
      listening: this.#listening,
      enrolment: this.#enrolment,
      hub: this.#hub,
    });
  }

  #meetHub(parts: {
    identity: IdentityStore;
    stores: Stores;
    site: SiteInForce;
    flow: Flow;
    trial: ConfigTrial;
  }): void {
    const { site, flow, trial } = parts;
    this.#hub = startHubSide({
      ...this.#context,
      ...parts,
      configVersion: () => site.provenVersion(),
      onConfig: (push) => trial.apply(push),
      addressOf: (device) => flow.board.addressOf(device),
      devices: flow.board.configure(site.current().devices).known,
    });
  }

  async #applySite(part: SitePart, flow: Flow): Promise<void> {
    const { known, left } = await flow.apply(part);
    for (const name of left) this.#hub?.link.removeDevice(name);
    for (const device of known) this.#hub?.link.setDevice(device);
  }
}
