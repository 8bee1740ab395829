import type { IncomingMessage } from "node:http";

export type Body =
  | { kind: "read"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "too-large" }
  | { kind: "busy" }
  | { kind: "cut"; reason: string };

/** Bytes that all bodies together may hold at one time. */
export class BodyBudget {
  #free: number;

  constructor(bytesMax: number) {
    this.#free = bytesMax;
  }

  take(bytes: number): boolean {
    if (bytes > this.#free) return false;
    this.#free -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}

export interface BodyLimits {
  bytesMax: number;
  timeoutMs: number;
  budget: BodyBudget;
}

/** Reads a request's body within the limits. The caller gives back what it took: `bytes.length`. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Body> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limits.bytesMax) return { kind: "too-large" };
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(
    () => request.destroy(new Error(`no end of the body in ${limits.timeoutMs} ms`)),
    limits.timeoutMs,
  );
  const refuse = (body: Body): Body => {
    limits.budget.give(length);
    return body;
  };
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (length + chunk.length > limits.bytesMax) return refuse({ kind: "too-large" });
      if (!limits.budget.take(chunk.length)) return refuse({ kind: "busy" });
      length += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    return refuse({ kind: "cut", reason: error instanceof Error ? error.message : String(error) });
  } finally {
    clearTimeout(timer);
  }
  return { kind: "read", bytes: new Uint8Array(Buffer.concat(chunks)) };
}
