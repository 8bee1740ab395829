/** Byte-level BPE as llama.cpp's "gpt-2" tokenizer reads it: learnt from texts, and applied to them for training. */

export const MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"];

export interface Vocabulary {
  /** By id: bytes, merged pieces, then the marks. */
  tokens: string[];
  merges: string[];
}

const BYTES = 256;
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const SHOWN = bytesShown();

/** GPT-2 shows each byte as a character that can be printed. */
function bytesShown(): string[] {
  let hidden = 0;
  return Array.from({ length: BYTES }, (_, byte) => String.fromCodePoint(isPrinted(byte) ? byte : BYTES + hidden++));
}

function isPrinted(byte: number): boolean {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

function shown(word: string): string[] {
  return [...new TextEncoder().encode(word)].map((byte) => SHOWN[byte] ?? "");
}

export function learnVocabulary(texts: readonly string[], size: number): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts) for (const [word] of text.matchAll(WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => ({ parts: shown(word), count }));
  const merges: string[] = [];
  const tokens = [...SHOWN];
  while (tokens.length < size - MARKS.length) {
    const best = mostFrequentPair(words);
    if (best === undefined) break;
    const [left = "", right = ""] = best.split(" ");
    merges.push(best);
    tokens.push(left + right);
    for (const word of words) if (word.parts.length > 1) word.parts = merged(word.parts, left, right);
  }
  return { tokens: [...tokens, ...MARKS], merges };
}

function mostFrequentPair(words: readonly { parts: string[]; count: number }[]): string | undefined {
  const pairs = new Map<string, number>();
  for (const { parts, count } of words) {
    for (let i = 0; i + 1 < parts.length; i += 1) {
      const pair = `${parts[i]} ${parts[i + 1]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  let most = 1;
  for (const [pair, count] of pairs) {
    if (count > most || (count === most && best !== undefined && pair < best)) [best, most] = [pair, count];
  }
  return best;
}

function merged(parts: readonly string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < parts.length; i += 1) {
    const joins = parts[i] === left && parts[i + 1] === right;
    out.push(joins ? left + right : (parts[i] ?? ""));
    if (joins) i += 1;
  }
  return out;
}

/** Tokens of a text that holds no marks. */
export function encoder({ tokens, merges }: Vocabulary): (text: string) => number[] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const ranks = new Map(merges.map((merge, rank) => [merge, rank]));
  const known = new Map<string, number[]>();
  const encodeWord = (word: string): number[] => {
    let parts = shown(word);
    for (;;) {
      const pairs = parts.slice(1).map((right, i) => `${parts[i]} ${right}`);
      const best = pairs.reduce((a, b) => ((ranks.get(b) ?? Infinity) < (ranks.get(a) ?? Infinity) ? b : a), "");
      const [left, right] = best.split(" ");
      if (left === undefined || right === undefined) break;
      parts = merged(parts, left, right);
    }
    return parts.map((part) => ids.get(part) ?? 0);
  };
  return (text) =>
    [...text.matchAll(WORDS)].flatMap(([word]) => {
      const found = known.get(word) ?? encodeWord(word);
      known.set(word, found);
      return found;
    });
}
