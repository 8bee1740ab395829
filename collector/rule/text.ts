const UNTRUSTED_CHARS_MAX = 120;
/** Controls, line separators and marks that change the direction of text. */
const UNTAMED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/** Text from a device, made one bounded line without control or direction-changing characters. */
export function tame(text: string, charsMax = UNTRUSTED_CHARS_MAX): string {
  const line = text
    .slice(0, charsMax * 2)
    .replace(UNTAMED, " ")
    .trim();
  return line.length > charsMax ? `${line.slice(0, charsMax - 1)}…` : line;
}

/** 45 s, 12 min, 3.5 h, 2 days. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3_600) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Enough digits to compare with a limit, none to be lost in. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
