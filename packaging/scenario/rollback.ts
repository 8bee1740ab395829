import { z } from "zod";
import { keep, type Life, wayOf } from "../setup/up/keep.ts";
import { judged, type Report, type Row } from "./report.ts";
import { BREAKING, type Breaking } from "./site/breaking.ts";
import { ScenarioSite } from "./site/site.ts";
import { verify } from "./site/verify.ts";

const EVENTS_PER_SECOND = 50;
const SAMPLES_PER_SECOND = 1_000;
const DEVICES = 8;
const WITHIN_S_MAX = 60;
/** Beyond the promise, so that a broken one is measured instead of cut off. */
const WAIT_MS_MAX = 90_000;
const STATUS_MS_MAX = 1_000;

/** How often each ends the collector, how, and what the hub has to hear. */
const EXPECTED: Record<Breaking, { ends: string[]; reason: RegExp }> = {
  ends: {
    ends: ["killed by SIGKILL", "killed by SIGKILL"],
    reason: /^rolled back: the collector ended 2 times before configuration \d+ had proven itself$/,
  },
  blocks: {
    ends: ["killed by SIGALRM", "killed by SIGALRM"],
    reason: /^rolled back: the collector ended 2 times before configuration \d+ had proven itself$/,
  },
  lingers: {
    ends: ["killed by SIGKILL", "killed by SIGKILL"],
    reason: /^rolled back: the collector ended 2 times within a minute of a start with configuration \d+$/,
  },
  throws: { ends: [], reason: /^rolled back: an error that nothing caught: a bug of this device$/ },
  pauses: { ends: [], reason: /^rolled back: the collector did nothing else for \d+ ms$/ },
};

const collectorsSchema = z.object({
  collectors: z.array(
    z.object({
      id: z.string(),
      configVersion: z.int(),
      pushedConfig: z.object({ version: z.int(), state: z.string(), reason: z.string() }).optional(),
    }),
  ),
});
const statusSchema = z.object({
  config: z.object({ version: z.int() }),
  devices: z.array(z.object({ polledAtMs: z.number().nullable(), state: z.string() })),
});

/** Configurations that break the collector are pushed; each has to be gone by itself, and the hub has to know why. */
export async function rollbackScenario(options: { seed: number }): Promise<Report> {
  const site = await ScenarioSite.open({
    seed: options.seed,
    eventsPerSecond: EVENTS_PER_SECOND,
    samplesPerSecond: SAMPLES_PER_SECOND,
    devicesMax: DEVICES,
  });
  const trial = new Trial(site);
  try {
    await trial.start();
    const good = await trial.push(DEVICES);
    await trial.untilJudged(good, "applied");
    const rows: Row[] = [];
    for (const breaking of BREAKING) {
      rows.push(...(await trial.breakWith(breaking, good)));
      await trial.restart();
    }
    const next = await trial.push(DEVICES - 1);
    const nextMs = await trial.untilJudged(next, "applied");
    rows.push({ subject: "a good one after", metric: "applied after", value: seconds(nextMs), unit: "s" });
    await trial.stop();
    const found = await verify(site);
    rows.push(
      { subject: "events", metric: "acknowledged", value: site.kept.events.size, unit: "" },
      { subject: "samples", metric: "acknowledged", value: site.kept.sampleCount(), unit: "" },
      { subject: "samples", metric: "missing", value: found.samplesMissing, unit: "", atMost: 0 },
    );
    return judged("rollback", rows, [...trial.violations, ...found.violations]);
  } finally {
    await trial.end();
    await site.close();
  }
}

/** One collector that is started again whenever it ends, by what `npm start` does it with. */
class Trial {
  readonly violations: string[] = [];
  readonly #site: ScenarioSite;
  readonly #ends: string[] = [];
  #process: Awaited<ReturnType<ScenarioSite["startCollector"]>> | undefined;
  #keeper: { stop(): Promise<void> } | undefined;

  constructor(site: ScenarioSite) {
    this.#site = site;
  }

  async start(): Promise<void> {
    const lives = this.#site.kept.readyMs.length;
    this.#keeper = keep({
      name: "collector",
      first: await this.#life(),
      startAgain: () => this.#life(),
      say: (sentence) => process.stderr.write(`· ${sentence}\n`),
      onGivenUp: (sentence) => this.violations.push(sentence),
    });
    await this.#site.untilReady(lives + 1);
    await this.#site.until("the link is up", () => this.#site.kept.pending.isUp, 30_000);
  }

  /** Gives its version. The lab's devices, and one more of that name when it is to break the collector. */
  async push(devices: number, breaking?: Breaking): Promise<number> {
    const { poll, devices: all, rules } = this.#site.config();
    const more = all.slice(DEVICES, DEVICES + 1).map((device) => ({ ...device, name: breaking }));
    const yaml = JSON.stringify({
      poll,
      devices: [...all.slice(0, devices), ...(breaking === undefined ? [] : more)],
      rules,
    });
    const { id } = await this.#collector();
    const answer = await this.#site.call("POST", `/api/v1/collectors/${id}/config`, { yaml });
    return z.object({ version: z.int() }).parse(answer).version;
  }

  async breakWith(breaking: Breaking, good: number): Promise<Row[]> {
    const site = this.#site;
    const expected = EXPECTED[breaking];
    const endsBefore = this.#ends.length;
    const version = await this.push(DEVICES, breaking);
    let isJudged = false;
    const isOver = async () => {
      const ended = this.#ends.length >= endsBefore + expected.ends.length;
      return isJudged && ended && (await this.isInForce(good, DEVICES));
    };
    const [knownMs, backMs] = await Promise.all([
      this.untilJudged(version, "refused").finally(() => {
        isJudged = true;
      }),
      site.until(`the former configuration is back after ${breaking}`, isOver, WAIT_MS_MAX),
    ]);
    const { reason, inForce } = await this.atTheHub();
    const ends = this.#ends.slice(endsBefore);
    if (!expected.reason.test(reason)) this.violations.push(`${breaking}: the hub was told "${reason}"`);
    if (inForce !== good) this.violations.push(`${breaking}: the hub has version ${inForce}, not ${good}`);
    if (ends.join() !== expected.ends.join())
      this.violations.push(`${breaking}: the collector ended by ${ends.join()}`);
    const within = { unit: "s", atMost: WITHIN_S_MAX };
    return [
      { subject: breaking, metric: "ended the collector", value: ends.length, unit: "times" },
      { subject: breaking, metric: "all devices polled as before again after", value: seconds(backMs), ...within },
      { subject: breaking, metric: "refused at the hub with its reason after", value: seconds(knownMs), ...within },
    ];
  }

  /** Until the hub's API says so of it. */
  async untilJudged(version: number, wanted: "applied" | "refused"): Promise<number> {
    const isSo = async () => {
      const { version: newest, state } = await this.atTheHub();
      return newest === version && state === wanted;
    };
    return this.#site.until(`configuration ${version} is ${wanted} at the hub`, isSo, WAIT_MS_MAX);
  }

  /** What the hub's API says of the collector and the newest configuration that was pushed to it. */
  async atTheHub(): Promise<{ inForce: number; version: number; state: string; reason: string }> {
    const { configVersion, pushedConfig } = await this.#collector();
    return { inForce: configVersion, version: 0, state: "", reason: "", ...pushedConfig };
  }

  /** What the collector's own page says; false while there is none. */
  async isInForce(version: number, devices: number): Promise<boolean> {
    if (this.#process?.isAlive !== true || this.#site.kept.statusUrl === undefined) return false;
    const page = await statusPage(this.#site.kept.statusUrl);
    if (page === undefined) return false;
    const status = statusSchema.parse(page);
    const polled = status.devices.filter(({ polledAtMs, state }) => polledAtMs !== null && state === "up");
    return status.config.version === version && polled.length === devices && status.devices.length === devices;
  }

  /** As an operator does it: asked to stop, not ended by itself. */
  async restart(): Promise<void> {
    await this.end();
    this.#site.kept.pending = { events: 0, samples: 0, isUp: false };
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.#process) await this.#site.drain(this.#process);
    await this.end();
  }

  async end(): Promise<void> {
    await this.#keeper?.stop();
  }

  async #life(): Promise<Life> {
    const life = await this.#site.startCollector();
    this.#process = life;
    void life.exited.then((code) => this.#ends.push(wayOf(code)));
    return { exited: life.exited, stop: () => life.stop(), lastWords: () => `See ${this.#site.dir}/collector.log.` };
  }

  async #collector() {
    const { collectors } = collectorsSchema.parse(await this.#site.call("GET", "/api/v1/collectors"));
    const [first] = collectors;
    if (!first) throw new Error("the hub knows no collector");
    return first;
  }
}

/** Undefined from a collector that has just ended, or that stands still. */
async function statusPage(url: string): Promise<unknown> {
  try {
    const answer = await fetch(new URL("/status.json", url), { signal: AbortSignal.timeout(STATUS_MS_MAX) });
    return await answer.json();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
