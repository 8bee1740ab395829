/** Figures as people read them: three significant digits, a space, the unit. */
function scaled(value: number, base: number, units: readonly string[]): string {
  let size = Math.abs(value);
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 || Number.isInteger(size) ? size.toFixed(0) : size.toFixed(1);
  return `${value < 0 ? "−" : ""}${digits} ${units[unit]}`;
}

export function bitRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]);
}

export function byteSize(bytes: number): string {
  return scaled(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.1 && ratio > 0 ? 1 : 0)} %`;
}

/** A figure whose unit is not known: 1,240,000 -> "1.2 M". */
export function count(value: number): string {
  if (Math.abs(value) < 1000) return String(Number(value.toPrecision(3)));
  return scaled(value, 1000, ["", "k", "M", "G", "T"]).trim();
}

export function durationMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
