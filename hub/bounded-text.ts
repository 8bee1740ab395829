/** Untrusted text made safe to store: no control characters (Postgres refuses NUL), no broken surrogates, bounded. */
export function boundedText(text: string, lengthMax: number): string {
  const cut = text.length > lengthMax ? text.slice(0, lengthMax) : text;
  return cut
    .replaceAll(/[\p{Cc}]+/gu, " ")
    .toWellFormed()
    .trim();
}
