import { CHUNK_BYTES_MAX, CHUNK_WAIT_MS } from "./limits.ts";

export type StreamName = "stdout" | "stderr";
export type OnChunk = (stream: StreamName, chunk: Uint8Array) => void;

export interface OutputCollector {
  take(stream: StreamName, bytes: Uint8Array): void;
  /** Hands on what is held back; nothing is taken afterwards. */
  close(): void;
  cutBytes(): number;
}

/**
 * Passes on the first `bytesMax` bytes of both streams together; the rest is read and counted only. Small writes that
 * come together become one chunk, so that a chatty script costs one disk write each 50 ms, not one a line.
 */
export function createOutputCollector(bytesMax: number, onChunk: OnChunk): OutputCollector {
  let left = bytesMax;
  let cut = 0;
  let closed = false;
  let held: { stream: StreamName; parts: Uint8Array[]; bytes: number } | undefined;
  let timer: Timer | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!held) return;
    const { stream, parts } = held;
    held = undefined;
    onChunk(stream, Buffer.concat(parts));
  }

  function hold(stream: StreamName, bytes: Uint8Array): void {
    if (held && (held.stream !== stream || held.bytes + bytes.length > CHUNK_BYTES_MAX)) flush();
    held ??= { stream, parts: [], bytes: 0 };
    held.parts.push(bytes);
    held.bytes += bytes.length;
    timer ??= setTimeout(flush, CHUNK_WAIT_MS);
  }

  return {
    take(stream, bytes) {
      if (closed) return;
      const kept = bytes.slice(0, left);
      left -= kept.length;
      cut += bytes.length - kept.length;
      for (let at = 0; at < kept.length; at += CHUNK_BYTES_MAX) hold(stream, kept.subarray(at, at + CHUNK_BYTES_MAX));
    },
    close() {
      flush();
      closed = true;
    },
    cutBytes: () => cut,
  };
}
