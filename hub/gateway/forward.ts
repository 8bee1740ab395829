import type { IncomingHttpHeaders } from "node:http";

/** What of the collector's request reaches the store. */
const HEADERS = ["content-type", "content-encoding", "x-prometheus-remote-write-version", "user-agent"] as const;
const REASON_LENGTH_MAX = 500;
const STORE_TIMEOUT_MS = 30_000;
const RETRY_AFTER_S = 5;

export interface Forwarded {
  status: number;
  /** Text for the collector's log; empty on success. */
  body: string;
  retryAfterS?: number;
}

export interface WriteRequest {
  site: string;
  collectorId: string;
  headers: IncomingHttpHeaders;
  /** Compressed remote write, passed on unread. */
  body: Uint8Array<ArrayBuffer>;
}

/**
 * Hands the bytes to the store under the certificate's site and collector: extra_label overwrites whatever labels
 * the bytes themselves claim.
 */
export async function forwardWrite(storeUrl: string | undefined, request: WriteRequest): Promise<Forwarded> {
  if (storeUrl === undefined) {
    return unavailable("this hub has no metrics store. Install victoria-metrics at the hub or set VM_URL.");
  }
  const url = new URL(`${storeUrl.replace(/\/+$/, "")}/api/v1/write`);
  url.searchParams.append("extra_label", `site=${request.site}`);
  url.searchParams.append("extra_label", `collector=${request.collectorId}`);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: allowedHeaders(request.headers),
      body: request.body,
      redirect: "error",
      signal: AbortSignal.timeout(STORE_TIMEOUT_MS),
    });
    const body = response.ok ? "" : (await response.text()).slice(0, REASON_LENGTH_MAX);
    const retryAfterS = Number(response.headers.get("retry-after") ?? Number.NaN);
    return { status: response.status, body, ...(Number.isInteger(retryAfterS) ? { retryAfterS } : {}) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unavailable(`the metrics store did not take the write: ${reason.slice(0, REASON_LENGTH_MAX)}`);
  }
}

function allowedHeaders(given: IncomingHttpHeaders): Record<string, string> {
  const pairs = HEADERS.map((name) => [name, given[name]] as const);
  return Object.fromEntries(
    pairs.filter((pair): pair is [(typeof HEADERS)[number], string] => typeof pair[1] === "string"),
  );
}

function unavailable(body: string): Forwarded {
  return { status: 503, body, retryAfterS: RETRY_AFTER_S };
}
