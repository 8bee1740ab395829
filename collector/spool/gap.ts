/** Samples that this collector took and could not keep or deliver. */
export interface Gap {
  /** Ascending; a gap that is told twice has the same id. */
  id: number;
  /** "full": oldest given up. "rejected": the store refused them. "damaged": bytes on disk changed. "unwritable": the disk refused them. */
  reason: "full" | "rejected" | "damaged" | "unwritable";
  /** For a person. */
  detail: string;
  fromMs: number;
  toMs: number;
  samples: number;
}

/** One gap of both, told as the later one. */
export function grown(gap: Gap, more: Omit<Gap, "id">): Gap {
  return {
    ...gap,
    detail: more.detail,
    fromMs: Math.min(gap.fromMs, more.fromMs),
    toMs: Math.max(gap.toMs, more.toMs),
    samples: gap.samples + more.samples,
  };
}
