import { create } from "@bufbuild/protobuf";
import { type EventBatch, EventBatchSchema } from "@watchpost/proto";
import type { Outbox } from "../outbox/index.ts";

const IN_FLIGHT_MAX = 4_000n;
const BATCH_EVENTS_MAX = 500;
const BATCH_BYTES_MAX = 524_288;

export type Begun = { kind: "begun" } | { kind: "numbering-differs"; reason: string };

/** Sends the outbox in order with a bounded number of unacknowledged events, for one stream. */
export class EventWindow {
  private readonly outbox: Outbox;
  private sentSeq = 0n;
  private ackedSeq = 0n;

  constructor(outbox: Outbox) {
    this.outbox = outbox;
  }

  /** Goes on from where the hub is, if the hub and the outbox mean the same numbering. */
  begin(hubSeq: bigint): Begun {
    const lastSeq = this.outbox.lastSeq();
    const nextSeq = this.outbox.read({ seq: 0n, eventsMax: 1 })[0]?.seq ?? lastSeq + 1n;
    if (hubSeq > lastSeq) {
      return {
        kind: "numbering-differs",
        reason: `the hub has events up to ${hubSeq}, the outbox gave only ${lastSeq}`,
      };
    }
    if (hubSeq + 1n < nextSeq) {
      return {
        kind: "numbering-differs",
        reason: `the hub has events up to ${hubSeq}, the outbox begins at ${nextSeq}`,
      };
    }
    this.sentSeq = hubSeq;
    this.ackedSeq = hubSeq;
    return { kind: "begun" };
  }

  next(): EventBatch | undefined {
    const room = IN_FLIGHT_MAX - this.inFlight();
    if (room <= 0n || this.outbox.lastSeq() <= this.sentSeq) return undefined;
    const eventsMax = Math.min(BATCH_EVENTS_MAX, Number(room));
    const events = this.outbox.read({ seq: this.sentSeq, eventsMax, bytesMax: BATCH_BYTES_MAX });
    const last = events.at(-1);
    if (!last) return undefined;
    this.sentSeq = last.seq;
    return create(EventBatchSchema, { events });
  }

  /** False when the hub acknowledges what was never sent. */
  acked(seq: bigint): boolean {
    if (seq > this.sentSeq) return false;
    if (seq > this.ackedSeq) this.ackedSeq = seq;
    return true;
  }

  inFlight(): bigint {
    return this.sentSeq - this.ackedSeq;
  }

  sentUpTo(): bigint {
    return this.sentSeq;
  }
}
