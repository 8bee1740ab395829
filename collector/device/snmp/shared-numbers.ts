/** Lists remembered to be shared, and the longest. */
const KEPT = 1_024;
const KEPT_NUMBERS_MAX = 2_048;

const kept: (Float64Array | undefined)[] = Array.from({ length: KEPT }, () => undefined);

/** These numbers, or an equal list that came before: nobody may write to it. */
export function shared(numbers: Float64Array): Float64Array {
  if (numbers.length > KEPT_NUMBERS_MAX) return numbers;
  let hash = numbers.length;
  for (let i = 0; i < numbers.length; i++) hash = Math.imul(hash ^ (numbers[i] as number), 0x01000193);
  const slot = ((hash ^ (hash >>> 15)) >>> 0) % KEPT;
  const known = kept[slot];
  if (!known || !areEqual(known, numbers)) return (kept[slot] = numbers);
  return known;
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
