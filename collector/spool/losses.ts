import { join } from "node:path";
import type { Logger } from "pino";
import { samplesOf, spanOf } from "./coding.ts";
import type { Gap } from "./gap.ts";
import type { Ledger } from "./ledger.ts";
import type { Names } from "./names.ts";
import type { Block } from "./shelf.ts";

/** Every way in which samples are lost ends here: as a gap, and as a line in the log. */
export class Losses {
  private readonly dir: string;
  private readonly ledger: Ledger;
  private readonly log: Logger;
  private readonly nameless = new Set<number>();

  constructor(options: { dir: string; ledger: Ledger; log: Logger }) {
    this.dir = options.dir;
    this.ledger = options.ledger;
    this.log = options.log;
  }

  foundAtStart(losses: Omit<Gap, "id">[]): void {
    for (const loss of losses) {
      this.log.error(`${loss.detail}; ${loss.samples} samples are lost, the others are not touched`);
      this.ledger.addGap(loss);
    }
  }

  /** Damage to what is kept beside the samples costs none of them that is known, and is told all the same. */
  besideSamples(names: Names, nowMs: number): void {
    const tell = (detail: string): void => {
      this.log.error(`${this.dir}: ${detail}`);
      this.ledger.addGap({ reason: "damaged", detail, fromMs: nowMs, toMs: nowMs, samples: 0 });
    };
    const { damaged } = this.ledger;
    if (damaged > 0) tell(`${damaged} entries of the spool's ledger are damaged: some samples may be sent twice`);
    if (names.wasHealed) this.log.warn(`${this.dir}: a copy of the series names was made anew from the other`);
    if (names.damaged > 0) tell(`${names.damaged} lists of series names are damaged in both copies`);
  }

  damaged(block: Block): void {
    this.ledger.add({ t: "lost", ids: [block.id] });
    this.ofBlock(block, block.samples, "its checksum does not fit");
  }

  /** Told once for a block, however often it is read. */
  unnamed(block: Block, samples: number): void {
    if (this.nameless.has(block.id)) return;
    this.nameless.add(block.id);
    this.ofBlock(block, samples, "the names of their series are damaged");
  }

  noRoomForNames(batch: { device: string; takenAtMs: number; values: Float64Array }): void {
    const { device, takenAtMs, values } = batch;
    const detail = `the spool's series are used up, those of ${device} are not kept; do labels change at each poll?`;
    this.ledger.addGap({ reason: "full", detail, fromMs: takenAtMs, toMs: takenAtMs, samples: values.length });
  }

  unwritten(batches: readonly { takenAtMs: number; values: Float64Array }[], failure: unknown): void {
    if (batches.length === 0) return;
    const detail = `${this.dir} could not be written: ${String(failure)}`;
    this.ledger.addGap({ reason: "unwritable", detail, ...spanOf(batches), samples: samplesOf(batches) });
  }

  private ofBlock({ id, segment, fromMs, toMs }: Block, samples: number, why: string): void {
    const detail = `record ${id} of ${join(this.dir, segment.file)}: ${why}`;
    this.log.error(`${detail}; ${samples} samples are lost, the other records are not touched`);
    this.ledger.addGap({ reason: "damaged", detail, fromMs, toMs, samples });
  }
}
