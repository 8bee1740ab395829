/** Where a batch of events comes from. Never taken from a payload: from a certificate, or from the hub itself. */
export interface EventSource {
  /** Null for a webhook that names no site of ours. */
  siteId: string | null;
  /** The site's name; empty when siteId is null. */
  site: string;
  /** Null for a webhook. */
  collectorId: string | null;
  /** Empty for a webhook. */
  outboxEpoch: string;
}

export interface IngestResult {
  /** Event rows written. */
  stored: number;
  /** Ids of incidents that this batch opened, reopened, merged away or resolved. */
  opened: string[];
  reopened: string[];
  merged: string[];
  resolved: string[];
}
