import { type ServerDuplexStream, type StatusObject, status as code, Metadata } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import {
  AckSchema,
  type Downlink,
  DownlinkSchema,
  type EventBatch,
  type Heartbeat,
  HeartbeatSchema,
  type Hello,
  ScanReportAckSchema,
  ScriptResultAckSchema,
  type Uplink,
  WelcomeSchema,
} from "@watchpost/proto";
import { type Listing, recordInventory } from "../device/index.ts";
import type { Hub } from "../hub.ts";
import { commitBatch } from "./commit-batch.ts";
import { pendingConfig, recordConfigResult } from "./config.ts";
import { internalStatus, protocolStatus } from "./grpc-status.ts";
import type { LinkHandlers, LinkMeters, LinkSource } from "./handlers.ts";
import { type BeatStore, HEARTBEAT_INTERVAL_MS } from "./heartbeat.ts";
import type { Greeter } from "./hello.ts";
import type { Connected, LinkRegistry } from "./registry.ts";
import type { SilenceWatch, Watched } from "./silence.ts";
import type { Admission } from "./turns.ts";

/** Messages that may wait for a collector that does not read. */
const UNREAD_MAX = 1_000;
const UNREAD_BYTES_MAX = 8_388_608;
/** A collector whose batch waits for its turn hears this often that we live. */
const PATIENCE_BEAT_MS = 5_000;

export interface SessionDependencies {
  hub: Hub;
  registry: LinkRegistry;
  handlers: LinkHandlers;
  meters: LinkMeters;
  admission: Admission;
  recordStatus: (source: LinkSource) => Promise<unknown>;
  greet: Greeter;
  storeBeats: BeatStore;
  /** One more stream is up, so many are now. */
  arrived: (streams: number) => void;
  /** Whether something waits for this collector. */
  waits: (collectorId: string) => Promise<boolean>;
  silence: SilenceWatch;
}

type State = "awaiting-hello" | "streaming" | "closed";

/**
 * One stream of one collector. It reads a message, finishes it, and reads the next: what a collector sends faster
 * waits in its own flow-control window, not in our memory. Thousands are open and say little: no loop, no timer and no
 * promise stands for an idle one.
 */
export class LinkSession implements Connected, Watched {
  readonly collectorId: string;
  heardAtMs = performance.now();
  readonly #call: ServerDuplexStream<Uplink, Downlink>;
  readonly #source: LinkSource;
  readonly #deps: SessionDependencies;
  readonly #listing: Listing = new Set();
  readonly #storeHeartbeat: (beat: Heartbeat) => Promise<void>;
  #state: State = "awaiting-hello";
  #outboxEpoch = "";
  /** Where its outbox is committed here, as far as this stream knows. */
  #ackedSeq = 0;
  #unreadBytes = 0;

  constructor(call: ServerDuplexStream<Uplink, Downlink>, source: LinkSource, deps: SessionDependencies) {
    this.collectorId = source.collectorId;
    this.#call = call;
    this.#source = source;
    this.#deps = deps;
    this.#storeHeartbeat = deps.storeBeats(source.collectorId);
  }

  /** Serves the stream from now to its end. */
  start(): void {
    const call = this.#call;
    this.#deps.silence.add(this);
    call.on("data", (message: Uplink) => {
      if (this.#isClosed()) return;
      call.pause();
      void this.#finish(message);
    });
    call.on("end", () => this.#close({ code: code.OK, details: "", metadata: new Metadata() }));
    call.on("close", () => this.#leave());
  }

  /** The next message is read when this one is done with. */
  async #finish(message: Uplink): Promise<void> {
    this.heardAtMs = Number.POSITIVE_INFINITY;
    try {
      await this.#take(message);
    } catch (error) {
      if (this.#isClosed()) return;
      this.#deps.hub.log.error(
        { err: error, ...this.#source },
        "link: message not taken; the stream ends and is sent again",
      );
      this.#close(internalStatus("the hub could not store the last message; reconnect and send it again."));
    }
    if (this.#isClosed()) return;
    this.heardAtMs = performance.now();
    this.#call.resume();
  }

  silent(silenceMaxMs: number): void {
    const details = `nothing came for ${silenceMaxMs} ms; heartbeats are due every ${HEARTBEAT_INTERVAL_MS} ms.`;
    this.#refuse("silent", details);
  }

  send(message: Downlink): boolean {
    if (this.#state !== "streaming" || this.#call.cancelled) return false;
    const bytes = payloadBytes(message);
    const { writableLength } = this.#call;
    if (writableLength >= UNREAD_MAX || (writableLength > 0 && this.#unreadBytes + bytes > UNREAD_BYTES_MAX)) {
      this.#deps.meters.refused("slow-reader");
      this.#close(
        protocolStatus(`${writableLength} messages (${this.#unreadBytes} bytes) wait and none is read; reconnect.`),
      );
      return false;
    }
    this.#unreadBytes += bytes;
    this.#call.write(message, () => {
      this.#unreadBytes -= bytes;
    });
    return true;
  }

  end(details: string): void {
    this.#close({ code: code.UNAVAILABLE, details, metadata: new Metadata() });
  }

  async #take({ message }: Uplink): Promise<void> {
    if (this.#state === "awaiting-hello") {
      if (message.case === "hello") return this.#hello(message.value);
      return this.#refuse("protocol", `the first message must be hello, not ${message.case ?? "an unknown one"}`);
    }
    const { hub, handlers } = this.#deps;
    switch (message.case) {
      case "hello":
        return this.#refuse("protocol", "a second hello on one stream");
      case "events":
        return this.#events(message.value);
      case "inventory": {
        const { refused } = await recordInventory(hub, this.#source, message.value, this.#listing);
        if (refused.length > 0)
          hub.log.warn({ ...this.#source, refused: refused.slice(0, 10) }, "link: devices left out");
        return;
      }
      case "heartbeat":
        return this.#heartbeat(message.value);
      case "configResult":
        return recordConfigResult(hub, this.#source, message.value);
      case "scriptOutput":
        await handlers.recordScriptOutput(hub, this.#source, message.value);
        return;
      case "scriptResult": {
        const { executionId } = message.value;
        await handlers.recordScriptResult(hub, this.#source, message.value);
        this.#reply({ case: "scriptResultAck", value: create(ScriptResultAckSchema, { executionId }) });
        return;
      }
      case "scanProgress":
        await handlers.recordScanProgress(hub, this.#source, message.value);
        return;
      case "scanReport": {
        const { scanId, part } = message.value;
        await handlers.recordScanReport(hub, this.#source, message.value);
        this.#reply({ case: "scanReportAck", value: create(ScanReportAckSchema, { scanId, part }) });
        return;
      }
      case "siteConfig":
        await handlers.recordSiteConfig(hub, this.#source, message.value);
        return;
      case undefined:
        // A newer collector may say things this hub does not know.
        return;
    }
  }

  async #hello(hello: Hello): Promise<void> {
    const { hub, registry, handlers, meters } = this.#deps;
    const turn = await this.#deps.admission.greetings.take(() => this.#deps.greet(this.#source, hello));
    if (turn.kind === "too-many") return this.end("many collectors come back at once; reconnect in a moment.");
    const greeted = turn.value;
    if (greeted.kind === "refused") return this.#refuse("protocol", greeted.reason);
    if (this.#isClosed()) return;
    this.#outboxEpoch = hello.outboxEpoch;
    this.#ackedSeq = greeted.ackedSeq;
    this.#state = "streaming";
    this.#reply({
      case: "welcome",
      value: create(WelcomeSchema, {
        site: this.#source.site,
        collectorId: this.collectorId,
        ackedSeq: BigInt(greeted.ackedSeq),
        clockMs: BigInt(hub.clock.nowMs()),
        heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
      }),
    });
    registry.add(this);
    meters.streams(registry.size);
    this.#deps.arrived(registry.size);
    await this.#deps.recordStatus(this.#source);
    // Asked once the stream can be found: what is pushed from now on is sent to it, what was pushed before is seen here.
    const waits = await this.#deps.waits(this.collectorId);
    if (waits || greeted.configWaits) {
      const config = await pendingConfig(hub, this.collectorId, hello.configVersion);
      if (config) this.#reply({ case: "config", value: config });
    }
    if (waits) await handlers.onConnected(this.collectorId);
  }

  async #events({ events }: EventBatch): Promise<void> {
    const { hub, handlers, meters } = this.#deps;
    const source = { ...this.#source, outboxEpoch: this.#outboxEpoch };
    const beat = setInterval(() => this.#beat(0n), PATIENCE_BEAT_MS);
    const turn = await this.#deps.admission.commits
      .take(() => commitBatch(hub, source, { events, ackedSeq: this.#ackedSeq }, handlers.ingestEvents))
      .finally(() => clearInterval(beat));
    if (turn.kind === "too-many") return this.end("more batches wait than the hub can take; reconnect in a moment.");
    const result = turn.value;
    switch (result.kind) {
      case "committed":
        this.#ackedSeq = result.ackedSeq;
        meters.eventsStored(result.stored);
        meters.eventsRepeated(result.repeated);
        meters.acked();
        return this.#reply({ case: "ack", value: create(AckSchema, { seq: BigInt(result.ackedSeq) }) });
      case "hole":
        return this.#refuse(
          "hole",
          `seq ${result.expectedSeq} is due, ${result.gotSeq} came; reconnect and send from there.`,
        );
      case "refused":
        return this.#refuse("batch", result.reason);
    }
  }

  async #heartbeat(beat: Heartbeat): Promise<void> {
    this.#beat(beat.clockMs);
    await this.#storeHeartbeat(beat);
  }

  #beat(echoClockMs: bigint): void {
    const clockMs = BigInt(this.#deps.hub.clock.nowMs());
    this.#reply({ case: "heartbeat", value: create(HeartbeatSchema, { clockMs, echoClockMs }) });
  }

  #reply(message: Downlink["message"]): void {
    this.send(create(DownlinkSchema, { message }));
  }

  #refuse(reason: Parameters<LinkMeters["refused"]>[0], details: string): void {
    this.#deps.meters.refused(reason);
    this.#deps.hub.log.warn({ ...this.#source, reason, details }, "link: stream refused");
    this.#close(protocolStatus(details));
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  /** grpc-js sends the status of an emitted error and ends the stream. */
  #close(end: StatusObject): void {
    if (this.#isClosed()) return;
    this.#leave();
    if (end.code === code.OK) this.#call.end();
    else this.#call.emit("error", end);
  }

  #leave(): void {
    if (this.#isClosed()) return;
    this.#state = "closed";
    const { silence, registry, meters, recordStatus, hub } = this.#deps;
    silence.remove(this);
    registry.remove(this);
    meters.streams(registry.size);
    recordStatus(this.#source).catch((error: unknown) =>
      hub.log.error({ err: error, ...this.#source }, "link: the end of a stream is not written down"),
    );
  }
}

/** What may be large in a message; the rest is a few hundred bytes. */
function payloadBytes({ message }: Downlink): number {
  if (message.case === "config") return message.value.yaml.length;
  if (message.case === "runScript") return message.value.order.length;
  return 0;
}
