const decoder = new TextDecoder("utf-8");
/** All controls but tab, line feed and carriage return. A chunk of them would grow sixfold as JSON, beyond the bus. */
const CONTROLS = /[^\P{Cc}\t\n\r]/gu;

/** Output bytes as text that JSON and Postgres can hold: what is not UTF-8, and controls, become U+FFFD. */
export function outputText(chunk: Uint8Array): string {
  return decoder.decode(chunk).replaceAll(CONTROLS, "\uFFFD");
}
