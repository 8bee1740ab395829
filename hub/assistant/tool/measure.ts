import { selector } from "../../metrics/index.ts";

/** What can be asked of the metrics store. Queries are made here, of our own names and quoted values alone. */
export const MEASURES = [
  "interface-status",
  "interface-in-rate",
  "interface-out-rate",
  "interface-utilisation",
  "interface-errors",
  "device-up",
  "site-down-devices",
  "cpu",
  "memory",
  "storage",
  "sensors",
  "poll-duration",
] as const;
export type Measure = (typeof MEASURES)[number];

const RATE_WINDOW = "2m";

export interface MeasurePlace {
  site: string;
  device?: string | undefined;
  interface?: string | undefined;
}

export function promqlOf(measure: Measure, place: MeasurePlace): string {
  const of = (metric: string) => selector(metric, labelsOf(place));
  switch (measure) {
    case "interface-status":
      return of("if_oper_status");
    case "interface-in-rate":
      return `8 * rate(${of("if_in_octets_total")}[${RATE_WINDOW}])`;
    case "interface-out-rate":
      return `8 * rate(${of("if_out_octets_total")}[${RATE_WINDOW}])`;
    case "interface-utilisation": {
      const [into, out] = ["if_in_octets_total", "if_out_octets_total"].map((m) => `rate(${of(m)}[${RATE_WINDOW}])`);
      return `8 * (${into} > ${out} or ${out}) / ${of("if_speed_bits_per_second")}`;
    }
    case "interface-errors":
      return `rate(${of("if_in_errors_total")}[${RATE_WINDOW}]) + rate(${of("if_out_errors_total")}[${RATE_WINDOW}])`;
    case "device-up":
      return of("device_up");
    case "site-down-devices":
      return `${selector("device_up", { site: place.site })} == 0`;
    case "cpu":
      return `max by (device) (${of("cpu_usage_ratio")})`;
    case "memory":
      return `max by (device) (${of("memory_usage_ratio")})`;
    case "storage":
      return `${of("storage_usage_ratio")} > 0.8`;
    case "sensors":
      return `${of("sensor_state")} > 0`;
    case "poll-duration":
      return of("device_poll_duration_seconds");
  }
}

function labelsOf(place: MeasurePlace): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...place }).filter((e): e is [string, string] => e[1] !== undefined));
}
