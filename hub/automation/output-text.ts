const decoder = new TextDecoder("utf-8");

/** Output bytes as text that JSON and Postgres can hold: what is not UTF-8, and zero bytes, become U+FFFD. */
export function outputText(chunk: Uint8Array): string {
  return decoder.decode(chunk).replaceAll("\0", "\uFFFD");
}
