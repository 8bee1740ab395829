import { create } from "@bufbuild/protobuf";
import { type Downlink, DownlinkSchema } from "@watchpost/proto";

const DRAIN_WAIT_MS = 2_000;
const DRAIN_POLL_MS = 20;

/** What the registry needs of a stream. */
export interface Connected {
  readonly collectorId: string;
  /** False when the stream has ended or its reader is too slow. */
  send(message: Downlink): boolean;
  end(details: string): void;
}

/** The streams that are up now, one a collector: the way to reach a collector from anywhere in this hub. */
export class LinkRegistry {
  readonly #streams = new Map<string, Connected>();
  #draining = false;

  get size(): number {
    return this.#streams.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** A second stream of one collector takes the place of the first. */
  add(stream: Connected): void {
    const former = this.#streams.get(stream.collectorId);
    this.#streams.set(stream.collectorId, stream);
    former?.end("a newer stream of this collector took over; one collector keeps one stream.");
  }

  remove(stream: Connected): void {
    if (this.#streams.get(stream.collectorId) === stream) this.#streams.delete(stream.collectorId);
  }

  isConnected(collectorId: string): boolean {
    return this.#streams.has(collectorId);
  }

  /** True when the message was handed to the collector's stream; false when it is away: send it again on connect. */
  send(collectorId: string, message: Downlink): boolean {
    return this.#streams.get(collectorId)?.send(message) ?? false;
  }

  /** Ends a collector's stream, as after its revocation. */
  close(collectorId: string, details: string): void {
    this.#streams.get(collectorId)?.end(details);
  }

  /** Asks every collector to come back later, waits a moment for them to go, then ends what is left. */
  async drain(reconnectAfterMs: number): Promise<void> {
    this.#draining = true;
    const drain = create(DownlinkSchema, { message: { case: "drain", value: { reconnectAfterMs } } });
    for (const stream of this.#streams.values()) stream.send(drain);
    const deadline = performance.now() + DRAIN_WAIT_MS;
    while (this.#streams.size > 0 && performance.now() < deadline) await Bun.sleep(DRAIN_POLL_MS);
    for (const stream of this.#streams.values()) stream.end("the hub is stopping; reconnect.");
  }
}
