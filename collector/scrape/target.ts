import type { ScrapeConfig } from "../config/index.ts";
import {
  BatchBuilder,
  type Labels,
  type Register,
  type SampleBatch,
  type SeriesList,
  type SeriesTable,
} from "../sample/index.ts";
import { parseExposition, parseSeries } from "./parse.ts";

/** What a target's series text stands for; undefined for what is dropped. */
type Place = { labels: Labels; name: string } | undefined;

export type Scraped = { kind: "ok"; samples: number } | { kind: "failed"; message: string };

/** One endpoint: its labels, its rules for names and labels, and the series that it showed. */
export class Target {
  readonly config: ScrapeConfig;
  readonly instance: string;
  readonly #register: Register;
  #before: SeriesList | undefined;
  readonly #keep: readonly RegExp[];
  readonly #drop: readonly RegExp[];
  readonly #own: Labels;
  readonly #places = new Map<string, Place>();

  constructor(config: ScrapeConfig, table: SeriesTable) {
    this.config = config;
    this.instance = config.instance ?? new URL(config.url).host;
    this.#register = table.register(this.#share(), config.device ?? "");
    this.#keep = config.keep.map(wholePattern);
    this.#drop = config.drop.map(wholePattern);
    this.#own = ["job", config.job, "instance", this.instance];
  }

  /** The samples of a body, whole or not at all, and always how the scrape went. */
  batch(
    body: string | undefined,
    went: { takenAtMs: number; durationMs: number },
  ): { batch: SampleBatch; scraped: Scraped } {
    const found = body === undefined ? undefined : this.#read(body);
    const isUp = found?.scraped.kind === "ok";
    const builder = isUp ? found.builder : new BatchBuilder(this.#register);
    builder.add(this.#own, "up", isUp ? 1 : 0);
    builder.add(this.#own, "scrape_duration_seconds", went.durationMs / 1_000);
    builder.add(this.#own, "scrape_samples_scraped", found?.scraped.kind === "ok" ? found.scraped.samples : 0);
    const batch = builder.build(this.#share(), went.takenAtMs);
    if (isUp) this.#before = batch.series;
    return { batch, scraped: found?.scraped ?? { kind: "failed", message: "no answer" } };
  }

  #read(body: string): { builder: BatchBuilder; scraped: Scraped } {
    const { samplesMax } = this.config;
    const builder = new BatchBuilder(this.#register, this.#before);
    // Series that an endpoint no longer shows shall not be remembered for ever.
    if (this.#places.size > samplesMax * 2) this.#places.clear();
    let problem = "";
    let taken = 0;
    const outcome = parseExposition(body, (series, value) => {
      taken += 1;
      if (taken > samplesMax) problem = `more than ${samplesMax} samples`;
      const place = problem === "" ? this.#placeOf(series) : "malformed";
      if (place === "malformed") return false;
      if (place) builder.add(place.labels, place.name, value);
      return true;
    });
    if (outcome.kind === "ok") return { builder, scraped: outcome };
    const why = problem === "" ? "is not a sample" : `is one too many: ${problem}`;
    return { builder, scraped: { kind: "failed", message: `line ${outcome.line} ${why}: ${outcome.text}` } };
  }

  #placeOf(text: string): Place | "malformed" {
    if (this.#places.has(text)) return this.#places.get(text);
    const series = parseSeries(text);
    if (!series || series.labels.length > this.config.labelsMax) return "malformed";
    const { name } = series;
    const isKept = this.#keep.length === 0 || this.#keep.some((pattern) => pattern.test(name));
    const isDropped = !isKept || this.#drop.some((pattern) => pattern.test(name));
    const place = isDropped ? undefined : { labels: this.#labels(series.labels), name };
    this.#places.set(text, place);
    return place;
  }

  /** Sorted, so that the order in which an endpoint writes its labels makes no other series. */
  #labels(found: readonly [string, string][]): Labels {
    const { dropLabels, renameLabels, device } = this.config;
    const kept = found
      .filter(([name, value]) => value !== "" && !dropLabels.includes(name))
      .map(([name, value]) => [renameLabels[name] ?? name, value] as const)
      .map(
        ([name, value]) =>
          [
            name === "job" || name === "instance" || (name === "device" && device !== undefined)
              ? `exported_${name}`
              : name,
            value,
          ] as const,
      );
    const sorted = new Map(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return [...this.#own, ...[...sorted].flat()];
  }

  #share(): string {
    return `scrape ${this.config.job} ${this.instance}`;
  }
}

function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}
