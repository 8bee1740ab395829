import * as fc from "fast-check";

const PORTION = 5_000;
const PLACES = 200;
const EDITS_MAX = 6;

/** Messages with bytes set, dropped and put in, and ends cut off. */
export function* mutationsOf(
  messages: readonly Uint8Array[],
  { count, seed }: { count: number; seed: number },
): Generator<Uint8Array> {
  const kind = fc.constantFrom("set", "cut", "drop", "insert");
  const edit = fc.record({ at: fc.nat(PLACES), byte: fc.nat(255), kind });
  const list = fc.array(edit, { minLength: 1, maxLength: EDITS_MAX });
  const drawn = fc.tuple(fc.constantFrom(...messages), list);
  // Drawn in portions, so that a million of them never stand in memory at one time.
  for (let done = 0; done < count; done += PORTION)
    for (const [message, edits] of fc.sample(drawn, { numRuns: Math.min(PORTION, count - done), seed: seed + done }))
      yield edited(message, edits);
}

function edited(message: Uint8Array, edits: readonly { at: number; byte: number; kind: string }[]): Uint8Array {
  const bytes = Array.from(message);
  for (const { at, byte, kind } of edits) {
    const place = at % Math.max(1, bytes.length);
    if (kind === "set") bytes[place] = byte;
    // Short messages are refused early: most keep their end.
    else if (kind === "cut" && byte < 64) bytes.length = place;
    else if (kind === "drop") bytes.splice(place, 1);
    else bytes.splice(place, 0, byte);
  }
  return Uint8Array.from(bytes);
}
