const QUANTIFIERS_MAX = 4;
/** Text of a device is cut to this before a pattern looks at it. */
const TEXT_CHARS_MAX = 512;

/**
 * Whether a pattern cannot be made slow by the text it looks at: nothing that repeats holds anything else that repeats,
 * so the work grows with a small power of a short text, never exponentially.
 */
export function isQuickPattern(source: string): boolean {
  const bare = source.replaceAll(/\\[^\dk]/g, "_").replaceAll(/\[[^\]]*\]/g, "_");
  const quantifiers = bare.match(/[*+]|\{/g)?.length ?? 0;
  const hasOddity = /\\[\dk]|\(\?[=!<]|\)[*+{]/.test(bare);
  if (hasOddity || quantifiers > QUANTIFIERS_MAX || !/\((?!\?)/.test(bare)) return false;
  try {
    return new RegExp(source, "i").source !== "";
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const compiled = new Map<string, RegExp>();

/** What the first group that took part holds, or nothing. */
export function extract(text: string, source: string): string {
  let pattern = compiled.get(source);
  if (!pattern) {
    pattern = new RegExp(source, "i");
    compiled.set(source, pattern);
  }
  const found = pattern.exec(text.slice(0, TEXT_CHARS_MAX));
  return found?.slice(1).find((group) => group !== undefined) ?? "";
}
