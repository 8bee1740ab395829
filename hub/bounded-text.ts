/** Untrusted text safe to store and show: bounded, and neither NUL nor half a surrogate pair, which Postgres refuses. */
export function boundedLines(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed().replaceAll("\0", "\uFFFD");
}

/** The same on one line, without control characters: it cannot forge a second line of a log or a title. */
export function boundedText(text: string, charactersMax: number): string {
  return text
    .slice(0, charactersMax)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}
