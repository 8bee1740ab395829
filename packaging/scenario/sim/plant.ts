import type { Outbox } from "../../../collector/outbox/index.ts";
import type { Spool } from "../../../collector/spool/index.ts";
import type { Bug } from "./bug.ts";

/** The outbox as it is, or with a mistake in front of it. */
export function plantInOutbox(outbox: Outbox, bug: Bug | undefined): Outbox {
  const through: Outbox = {
    epoch: () => outbox.epoch(),
    append: (draft) => outbox.append(draft),
    read: (after) => outbox.read(after),
    ack: (seq) => outbox.ack(seq),
    lastSeq: () => outbox.lastSeq(),
    beginEpoch: () => outbox.beginEpoch(),
    pending: () => outbox.pending(),
    subscribe: (listener) => outbox.subscribe(listener),
    close: () => outbox.close(),
  };
  if (bug === "ack-before-fsync") {
    through.append = (draft) => {
      outbox.append(draft).catch(() => undefined);
      return Promise.resolve(0n);
    };
  }
  if (bug === "off-by-one-at-batch-end") {
    through.ack = (seq) => outbox.ack(seq + 1n);
  }
  return through;
}

/** The spool as it is, or with a mistake in front of it. */
export function plantInSpool(spool: Spool, bug: Bug | undefined): Spool {
  const take = spool.take.bind(spool);
  if (bug === "store-start-unseen") spool.meetStore = () => Promise.resolve();
  if (bug === "unanswered-given-up") {
    spool.take = (samplesMax) => {
      const blocks = take(samplesMax);
      spool.release(blocks.map((block) => block.id));
      return blocks;
    };
  }
  if (bug === "off-by-one-at-block-end") {
    spool.take = (samplesMax) =>
      take(samplesMax).map((block) => ({
        ...block,
        batches: block.batches.map((batch, i) =>
          i === block.batches.length - 1 ? { ...batch, values: batch.values.slice(0, -1) } : batch,
        ),
      }));
  }
  return spool;
}
