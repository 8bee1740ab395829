import { readFileSync } from "node:fs";
import type { ScrapeConfig } from "../config/index.ts";

const ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.9,*/*;q=0.1";
const utf8 = new TextDecoder("utf-8");

export type Fetched = { kind: "body"; text: string } | { kind: "failed"; message: string };

/** Gets the text of an endpoint, bounded in time and in bytes as they are after unpacking. Never throws for an endpoint. */
export async function fetchBody(config: ScrapeConfig, stop: AbortSignal): Promise<Fetched> {
  const { url, timeoutMs, bodyBytesMax, caFile } = config;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      headers: { accept: ACCEPT, ...authorization(config) },
      redirect: "manual",
      signal: AbortSignal.any([timeout, stop]),
      ...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile, "utf8") } }),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { kind: "failed", message: `it answers with status ${response.status}` };
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) return { kind: "failed", message: `its answer is larger than ${bodyBytesMax} bytes` };
      chunks.push(chunk);
    }
    return { kind: "body", text: utf8.decode(Buffer.concat(chunks)) };
  } catch (error) {
    if (timeout.aborted) return { kind: "failed", message: `no whole answer within ${timeoutMs} ms` };
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function authorization({ bearerToken, username, password }: ScrapeConfig): Record<string, string> {
  if (bearerToken !== undefined) return { authorization: `Bearer ${bearerToken}` };
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}` };
}
