import { count } from "./quantity.ts";
import { linePath } from "./sparkline.tsx";

export interface StillSeries {
  name: string;
  /** Evenly spaced between startMs and endMs; null is a gap. */
  values: readonly (number | null)[];
}

export interface StillChartView {
  title: string;
  startMs: number;
  endMs: number;
  /** Drawn as a mark: when the incident began. */
  eventMs?: number;
  series: readonly StillSeries[];
  /** How a value of the axis is written. */
  format?: (value: number) => string;
}

const WIDTH = 600;
const HEIGHT = 104;
const SERIES_MAX = 3;

/** A chart that stands still: from zero, gaps open, the event marked, first and last time written below. */
export function StillChart({ view }: { view: StillChartView }) {
  const shown = view.series.slice(0, SERIES_MAX);
  const values = shown.flatMap((one) => one.values).filter((value) => value !== null);
  const highest = niceCeiling(Math.max(0, ...values));
  const format = view.format ?? count;
  const last = shown.map((one) => `${one.name}: ${lastText(one, format)}`).join("; ");
  return (
    <figure>
      <svg
        class="still"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${view.title}. ${last}`}
      >
        <line class="grid" x1="0" x2={WIDTH} y1="1" y2="1" />
        <line class="grid" x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        <line class="grid" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {shown.map((one, index) => (
          <path
            class={`series series-${index}`}
            vector-effect="non-scaling-stroke"
            d={linePath(one.values, { width: WIDTH, height: HEIGHT, highest })}
          />
        ))}
        <EventMark view={view} />
      </svg>
      <figcaption class="chart-legend">
        <span>
          0 to {format(highest)}, {clock(view.startMs)} to {clock(view.endMs)} UTC
          {view.eventMs === undefined ? null : `, event at ${clock(view.eventMs)}`}
        </span>
        {shown.map((one) => (
          <span>
            {one.name} <span class="mono">{lastText(one, format)}</span>
          </span>
        ))}
        {view.series.length > SERIES_MAX ? <span>and {view.series.length - SERIES_MAX} more series</span> : null}
      </figcaption>
    </figure>
  );
}

function EventMark({ view }: { view: StillChartView }) {
  if (view.eventMs === undefined || view.eventMs < view.startMs || view.eventMs > view.endMs) return null;
  const x = ((view.eventMs - view.startMs) / Math.max(1, view.endMs - view.startMs)) * WIDTH;
  return <line class="mark" x1={x} x2={x} y1="0" y2={HEIGHT} vector-effect="non-scaling-stroke" />;
}

function lastText(series: StillSeries, format: (value: number) => string): string {
  const last = series.values.findLast((value) => value !== null);
  return last === undefined || last === null ? "no data" : format(last);
}

/** The next 1, 2 or 5 times a power of ten, so that the top of the axis is a number people can halve. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => value <= step * power) ?? 10) * power;
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
