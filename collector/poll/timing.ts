/** A device that answered within this time is asked at its usual interval, so that its return is seen at once. */
const PATIENCE_MS = 5 * 60_000;
const BACKOFF_MAX_MS = 5 * 60_000;
/** The first poll of every device comes within this time of the start. */
const FIRST_POLLS_WITHIN_MS = 5_000;
/** Of a turn: sums of turns are not exact. */
const ROUNDING = 0.001;

/** A place in [0, 1) that is the device's own and stays so over restarts (FNV-1a). */
export function phaseOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  // FNV leaves neighbours such as sw1 and sw2 close together in the high bits: mix once more.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** When a device is asked for the first time. */
export function firstDueMs(options: { name: string; nowMs: number; intervalMs: number }): number {
  const { name, nowMs, intervalMs } = options;
  return nowMs + phaseOf(name) * Math.min(intervalMs, FIRST_POLLS_WITHIN_MS);
}

/** The first moment of the device's own grid that is not before `afterMs`. */
export function nextDueMs(options: { name: string; originMs: number; afterMs: number; intervalMs: number }): number {
  const { name, originMs, afterMs, intervalMs } = options;
  const first = originMs + phaseOf(name) * intervalMs;
  const turns = Math.ceil((afterMs - first) / intervalMs);
  return first + Math.max(0, turns) * intervalMs;
}

/** How many turns lie between two, neither of them counted. */
export function turnsBetween(options: { fromMs: number; toMs: number; intervalMs: number }): number {
  const { fromMs, toMs, intervalMs } = options;
  return Math.max(0, Math.floor((toMs - fromMs) / intervalMs + ROUNDING) - 1);
}

/** How many of its turns a silent device sits out: none at first, then ever more, up to five minutes apart. */
export function backoffTurns(options: { silentMs: number; unanswered: number; intervalMs: number }): number {
  const { silentMs, unanswered, intervalMs } = options;
  if (unanswered < 2 || silentMs < PATIENCE_MS) return 0;
  const turnsMax = Math.max(1, Math.floor(BACKOFF_MAX_MS / intervalMs));
  return Math.min(turnsMax, Math.max(2, Math.floor(silentMs / PATIENCE_MS) * 2)) - 1;
}
