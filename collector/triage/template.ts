/** Drain's first step: what varies becomes a mark, so that messages of one shape are equal. Longest shapes first. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi, "<mac>"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?:[/:]\d+)?\b/g, "<ip>"],
  [/\b(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}\b/gi, "<ip>"],
  [/\b0x[0-9a-f]+\b/gi, "<hex>"],
  [/\b[A-Za-z]+(?:[A-Za-z-]*)\d+(?:\/\d+)+(?:\.\d+)?\b/g, "<port>"],
  [/-?\b\d+(?:[.,]\d+)*\b/g, "<num>"],
];
const TEMPLATE_CHARS_MAX = 200;

/** The message with its variables masked; names that are known to vary are masked first. */
export function templateOf(message: string, known: { device: string; object: string }): string {
  let text = message.slice(0, TEMPLATE_CHARS_MAX * 2).toLowerCase();
  if (known.object !== "") text = text.replaceAll(known.object.toLowerCase(), "<object>");
  if (known.device !== "") text = text.replaceAll(known.device.toLowerCase(), "<device>");
  for (const [shape, mark] of MASKS) text = text.replace(shape, mark);
  return text.replace(/\s+/g, " ").trim().slice(0, TEMPLATE_CHARS_MAX);
}
