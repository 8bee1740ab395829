/** Text from a device or a webhook, bounded and storable: Postgres takes neither NUL nor half a surrogate pair. */
export function cleanText(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed().replaceAll("\0", "\uFFFD");
}

/** The same on one line, without control characters. */
export function cleanLine(text: string, charactersMax: number): string {
  return cleanText(text, charactersMax)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}
