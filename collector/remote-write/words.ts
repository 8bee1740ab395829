import type { SeriesList } from "../sample/series-list.ts";
import { FIRST_BLANK } from "./snappy-template.ts";

const WORD_BYTES_MIN = 4_096;
const ZERO = 48;
const NINE = 57;
const text = new TextEncoder();

/** Blanks for the words of a layout: the name of its device, then the values of its other labels, one after another. */
export interface Blanks {
  /** Layouts of one shape with this key may share a template. */
  key: string;
  /** What stands for a word, of so many bytes. */
  of(word: number, bytes: number): Int32Array;
}

/**
 * A word that begins like the one before it, up to its digits, shares the blanks of that beginning: so it is compressed
 * to a copy, and TenGigabitEthernet1/0/ is sent once.
 */
export function blanksOf({ device, texts }: SeriesList): Blanks {
  const words = [device, ...texts].map((word) => text.encode(word));
  const starts: number[] = [];
  const key: number[] = [];
  const symbols: number[] = [];
  for (const [i, word] of words.entries()) {
    const before = i > 1 ? (words[i - 1] as Uint8Array) : new Uint8Array(0);
    const alike = beginning(before, word);
    const start = symbols.length;
    for (let k = 0; k < word.length; k += 1)
      symbols.push(k < alike ? (symbols[(starts[i - 1] as number) + k] as number) : FIRST_BLANK + start + k);
    starts.push(start);
    key.push(word.length, alike);
  }
  const all = Int32Array.from(symbols);
  return { key: key.join(), of: (word, bytes) => all.subarray(starts[word], (starts[word] as number) + bytes) };
}

/** Bytes that two words have in common at their beginning, without the digits that may end it. */
function beginning(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1;
  while (count > 0 && isDigit(b[count - 1] as number)) count -= 1;
  return count;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Writes words into the blanks of templates. */
export interface Words {
  /** Blanks come in threes: place, number of the first byte, how many. */
  fill(elements: Uint8Array, blanks: Int32Array, layout: SeriesList): void;
}

export function createWords(): Words {
  /** Devices of one kind call their parts the same. */
  const known = new WeakMap<SeriesList["texts"], Uint8Array>();
  let words = new Uint8Array(WORD_BYTES_MIN);

  function textsOf({ texts }: SeriesList): Uint8Array {
    const bytes = known.get(texts) ?? Buffer.concat(texts.map((one) => text.encode(one)));
    known.set(texts, bytes);
    return bytes;
  }

  return {
    fill(elements, blanks, layout) {
      const texts = textsOf(layout);
      const { device } = layout;
      const room = 3 * device.length + texts.length;
      if (words.length < room) words = new Uint8Array(2 * room);
      words.set(texts, text.encodeInto(device, words).written);
      for (let i = 0; i < blanks.length; i += 3) {
        const place = blanks[i] as number;
        const from = blanks[i + 1] as number;
        const count = blanks[i + 2] as number;
        for (let k = 0; k < count; k += 1) elements[place + k] = words[from + k] as number;
      }
    },
  };
}
