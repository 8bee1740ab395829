/** Figures in findings as people say them; the result beside a finding keeps the exact numbers. */
const RATE_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"] as const;
const OPER_STATUS: Readonly<Record<number, string>> = {
  1: "up",
  2: "down",
  3: "testing",
  4: "unknown",
  5: "dormant",
  6: "not present",
  7: "down because a lower layer is",
};

/** 4153366729 -> "4.15 Gbit/s" */
export function bitRate(bps: number): string {
  let size = Math.abs(bps);
  let unit = 0;
  while (size >= 1000 && unit < RATE_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${figure(bps < 0 ? -size : size)} ${RATE_UNITS[unit]}`;
}

/** 0.934 -> "93.4 %" */
export function percent(ratio: number): string {
  return `${figure(ratio * 100)} %`;
}

/** Three significant digits. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** ifOperStatus in words (RFC 2863). */
export function operStatus(status: number): string {
  return OPER_STATUS[status] ?? `in state ${status}`;
}

export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
