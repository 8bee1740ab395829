/** CRC-32C (Castagnoli), eight bytes a step: about 1 GB/s. Bun has no native one; crc32c.test.ts holds known answers. */
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;
const tables = makeTables();
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** `previous` continues the checksum of bytes before these. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  let at = 0;
  const wholeEnd = bytes.length - (bytes.length % SLICES);
  for (; at < wholeEnd; at += SLICES) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (t7[crc & 255] as number) ^
      (t6[(crc >>> 8) & 255] as number) ^
      (t5[(crc >>> 16) & 255] as number) ^
      (t4[crc >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at += 1) crc = (t0[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array[] {
  const made = Array.from({ length: SLICES }, () => new Int32Array(256));
  const first = made[0] as Int32Array;
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  for (let slice = 1; slice < SLICES; slice += 1) {
    const before = made[slice - 1] as Int32Array;
    const table = made[slice] as Int32Array;
    for (let byte = 0; byte < 256; byte += 1) {
      const crc = before[byte] as number;
      table[byte] = (first[crc & 255] as number) ^ (crc >>> 8);
    }
  }
  return made;
}
