import type { Compression } from "./body.ts";
import type { Connection, RemoteWriteTarget } from "./target.ts";

const ANSWER_BYTES_MAX = 65_536;
const METRICS_BYTES_MAX = 4_194_304;
const REASON_CHARS_MAX = 300;
/** The hub's gateway tells by it when the store behind it began. */
const STORE_START_HEADER = "x-watchpost-store-start";
const RETRY_AFTER_MAX_MS = 300_000;
/** Refusals that are about us or about now, not about the samples: they may be taken later. */
const NOT_ABOUT_THE_SAMPLES = new Set([401, 402, 403, 404, 405, 407, 408, 421, 425, 429]);
/** Answers of a gateway whose store is gone. */
const STORE_GONE = new Set([502, 504]);
const VERSION_HEADERS: Record<Compression, Record<string, string>> = {
  snappy: { "x-prometheus-remote-write-version": "0.1.0" },
  zstd: { "x-victoriametrics-remote-write-version": "1" },
};

export type Sent =
  /** `storeStartS`: when the store's process began (its clock), where that is known. */
  | { kind: "delivered"; storeStartS?: number }
  /** The store will never take these samples. */
  | { kind: "rejected"; reason: string }
  | NotNow;

/** Try again. */
export interface NotNow {
  kind: "not-now";
  reason: string;
  /** False when it is certain that the store took nothing; without an answer nobody knows. */
  mayBeStored: boolean;
  /** The store may have crashed, and with it what it had not written yet. */
  storeGone: boolean;
  retryAfterMs?: number;
}

export interface SendRequest {
  target: RemoteWriteTarget;
  /** A WriteRequest, compressed. */
  body: Uint8Array<ArrayBuffer>;
  compression: Compression;
  nowMs: number;
  signal: AbortSignal;
}

/** One request. Never throws for what a network, a store or a missing token file can do. */
export async function send(request: SendRequest): Promise<Sent> {
  const { target, compression, body, signal } = request;
  try {
    const connection = target.connection();
    const response = await fetch(connection.url, {
      ...routeOf(connection),
      method: "POST",
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]),
      headers: {
        ...connection.headers,
        "content-type": "application/x-protobuf",
        "content-encoding": compression,
        ...VERSION_HEADERS[compression],
        "user-agent": "watchpost-collector",
      },
    });
    const answer = await readBounded(response);
    return judge(response, answer, request.nowMs);
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    const reason = timedOut ? `no answer within ${target.timeoutMs} ms` : String(error);
    return { kind: "not-now", reason, mayBeStored: true, storeGone: !timedOut && !signal.aborted };
  }
}

/** When the process of a direct store began, as it says itself; undefined where it does not. */
export async function readStoreStart(target: RemoteWriteTarget, stop: AbortSignal): Promise<number | undefined> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(target.timeoutMs)]);
  try {
    const connection = target.connection();
    const url = new URL("/metrics", connection.url);
    const { headers } = connection;
    const response = await fetch(url, { ...routeOf(connection), redirect: "manual", signal, headers });
    const text = await readText(response, METRICS_BYTES_MAX);
    return response.ok ? startIn(text) : undefined;
  } catch {
    // A store that shows no metrics: it is then thought to have crashed whenever it was away.
    return undefined;
  }
}

/** Whole seconds of the exposition's process start, as VictoriaMetrics and Prometheus show it. */
export function startIn(metrics: string): number | undefined {
  const found = /^process_start_time_seconds ([0-9.eE+]+)$/m.exec(metrics);
  return found ? storeStartOf(found[1] ?? null) : undefined;
}

function storeStartOf(text: string | null): number | undefined {
  const seconds = text === null || text === "" ? Number.NaN : Math.floor(Number(text));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
}

/** Whether the store says that it takes remote write in zstd: the question of VictoriaMetrics' own protocol. */
export async function probeZstd(target: RemoteWriteTarget, stop: AbortSignal): Promise<boolean> {
  if (!target.mayTakeZstd) return false;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(target.timeoutMs)]);
  try {
    const connection = target.connection();
    const url = new URL(connection.url);
    url.searchParams.set("get_vm_proto_version", "1");
    const { headers } = connection;
    const response = await fetch(url, { ...routeOf(connection), redirect: "manual", signal, headers });
    const answer = await readBounded(response);
    return response.ok && answer === "1";
  } catch {
    // Whatever keeps the answer away: snappy is what every store takes.
    return false;
  }
}

function routeOf({ tls, proxy }: Connection): { tls?: NonNullable<Connection["tls"]>; proxy?: string } {
  return { ...(tls ? { tls } : {}), ...(proxy === undefined ? {} : { proxy }) };
}

function judge(response: Response, answer: string, nowMs: number): Sent {
  if (response.ok) {
    const storeStartS = storeStartOf(response.headers.get(STORE_START_HEADER));
    return { kind: "delivered", ...(storeStartS === undefined ? {} : { storeStartS }) };
  }
  const { status } = response;
  const reason = `${status}${answer === "" ? "" : `: ${answer}`}`;
  if (status >= 400 && status < 500 && !NOT_ABOUT_THE_SAMPLES.has(status)) return { kind: "rejected", reason };
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), nowMs);
  const storeGone = STORE_GONE.has(status);
  const mayBeStored = status >= 500;
  return { kind: "not-now", reason, mayBeStored, storeGone, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Seconds or an HTTP date (RFC 9110), at most five minutes. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms)) : undefined;
}

/** Reads the answer to its end or its bound, so that the connection can be used again. One line of it is kept. */
async function readBounded(response: Response): Promise<string> {
  const text = (await readText(response, ANSWER_BYTES_MAX)).replaceAll(/\s+/g, " ").trim();
  return text.slice(0, REASON_CHARS_MAX).toWellFormed();
}

async function readText(response: Response, bytesMax: number): Promise<string> {
  if (!response.body) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bytesMax) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}
