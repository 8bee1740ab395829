const LOW_BITS = 0x80;

/** Writes a non-negative integer up to 2^53; returns the position after it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest >= LOW_BITS) {
    target[position] = (rest % LOW_BITS) | LOW_BITS;
    rest = Math.floor(rest / LOW_BITS);
    position += 1;
  }
  target[position] = rest;
  return position + 1;
}

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= LOW_BITS; rest = Math.floor(rest / LOW_BITS)) bytes += 1;
  return bytes;
}
