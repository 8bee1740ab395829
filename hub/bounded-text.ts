/** Untrusted text safe to store and show: bounded, and neither NUL nor half a surrogate pair, which Postgres refuses. */
export function boundedLines(text: string, charactersMax: number): string {
  if (text.length <= charactersMax && text.isWellFormed() && !text.includes("\0")) return text;
  return text.slice(0, charactersMax).toWellFormed().replaceAll("\0", "\uFFFD");
}

/** What nearly all names and messages are: printable ASCII that neither begins nor ends with a space. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/** The same on one line, without control characters: it cannot forge a second line of a log or a title. */
export function boundedText(text: string, charactersMax: number): string {
  if (text === "" || (text.length <= charactersMax && PLAIN.test(text))) return text;
  return text
    .slice(0, charactersMax)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}
