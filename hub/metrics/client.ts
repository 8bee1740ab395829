import { HubError } from "../error.ts";
import { instantSeries, type QueryData, queryResponse, rangeSeries } from "./response.ts";
import type { MetricsStore } from "./store.ts";

export const QUERY_TIMEOUT_MS = 10_000;
export const SERIES_MAX = 2_000;
export const POINTS_MAX = 11_000;
export const RESPONSE_BYTES_MAX = 32 * 1_048_576;
export const QUERY_CHARACTERS_MAX = 16_384;

/** VictoriaMetrics hides the newest 30 s and rounds times for its cache unless asked not to; others ignore these. */
const FRESH = { nocache: "1", latency_offset: "1ms" };

/** Reads a VictoriaMetrics or Prometheus through its HTTP API. Every refusal is a HubError that names query and numbers. */
export function openMetricsStore(url: string, options: { timeoutMs?: number } = {}): MetricsStore {
  const base = url.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? QUERY_TIMEOUT_MS;
  const ask = (path: string, parameters: Record<string, string>) =>
    request({ url: `${base}${path}`, parameters: { ...parameters, ...FRESH }, timeoutMs });

  return {
    url: base,
    async instant(query, atMs) {
      const time: Record<string, string> = atMs === undefined ? {} : { time: seconds(atMs) };
      return instantSeries(await ask("/api/v1/query", { query, ...time }));
    },
    async range({ query, startMs, endMs, stepS }) {
      const points = Math.floor((endMs - startMs) / 1000 / stepS) + 1;
      if (!(stepS > 0) || !(endMs >= startMs) || points > POINTS_MAX) {
        throw new HubError(
          "bad-request",
          `a range of ${(endMs - startMs) / 1000} s in steps of ${stepS} s makes ${points} points; 1 to ${POINTS_MAX} are served. Use a longer step or a shorter range.`,
        );
      }
      const parameters = { query, start: seconds(startMs), end: seconds(endMs), step: `${stepS}s` };
      return rangeSeries(await ask("/api/v1/query_range", parameters));
    },
  };
}

interface Ask {
  url: string;
  parameters: Record<string, string>;
  timeoutMs: number;
}

async function request({ url, parameters, timeoutMs }: Ask): Promise<QueryData> {
  const query = parameters["query"] ?? "";
  if (query.length > QUERY_CHARACTERS_MAX) {
    throw new HubError("bad-request", `the query has ${query.length} characters; ${QUERY_CHARACTERS_MAX} are served`);
  }
  const signal = AbortSignal.timeout(timeoutMs);
  const text = await fetchText({ url, parameters, timeoutMs }, signal).catch((error: unknown) => {
    if (error instanceof HubError) throw error;
    throw new HubError(
      "not-available",
      signal.aborted
        ? `the metrics store at ${url} gave no answer within ${timeoutMs} ms to: ${shown(query)}`
        : `the metrics store at ${url} cannot be reached (${reason(error)}). Check VM_URL and that it runs.`,
    );
  });
  const parsed = queryResponse.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new HubError("not-available", `${url} does not answer like a Prometheus API: ${shown(text)}`);
  }
  if (parsed.data.status === "error") {
    throw new HubError("unprocessable", `the metrics store refused ${shown(query)}: ${shown(parsed.data.error)}`);
  }
  const { data } = parsed.data;
  const series = data.resultType === "scalar" ? 1 : data.result.length;
  if (series > SERIES_MAX) {
    throw new HubError(
      "unprocessable",
      `${shown(query)} matches ${series} series; ${SERIES_MAX} are served. Narrow the labels or aggregate.`,
    );
  }
  return data;
}

async function fetchText({ url, parameters }: Ask, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(parameters), signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > RESPONSE_BYTES_MAX) {
      throw new HubError(
        "unprocessable",
        `the answer to ${shown(parameters["query"] ?? "")} is larger than ${RESPONSE_BYTES_MAX} bytes. Narrow it.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined stands for "not JSON"; the schema then refuses it with the text shown. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);
const shown = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));
