import { ClockTime, MinuteTime } from "./age.tsx";
import { linePath } from "./sparkline.tsx";
import { count } from "./quantity.ts";

export interface StillSeries {
  name: string;
  /** Evenly spaced between startMs and endMs; null is a gap. */
  values: readonly (number | null)[];
}

/** How values stand on the axis: amounts from zero, or states by their names. */
export type StillScale =
  | { kind: "amount"; format: (value: number) => string }
  | { kind: "state"; levels: readonly { value: number; word: string }[] };

export interface StillChartView {
  title: string;
  startMs: number;
  endMs: number;
  /** Drawn as a mark: when the incident began. */
  eventMs?: number;
  series: readonly StillSeries[];
  scale?: StillScale;
}

const WIDTH = 600;
const HEIGHT = 96;
const SERIES_MAX = 3;

/** A chart that stands still: amounts from zero, states in words, gaps open, the event marked. */
export function StillChart({ view }: { view: StillChartView }) {
  const shown = view.series.slice(0, SERIES_MAX);
  const axis = axisOf(view.scale ?? { kind: "amount", format: count }, shown);
  const last = shown.map((one) => `${one.name}: ${lastText(one, axis)}`).join("; ");
  return (
    <figure class="still-chart">
      <div class="still-plot">
        <ol class="still-y" aria-hidden="true">
          {axis.ticks.map((tick) => (
            <li>{tick}</li>
          ))}
        </ol>
        <svg
          class="still"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${view.title}, ${axis.ticks.at(-1)} to ${axis.ticks[0]}. ${last}`}
        >
          {axis.ticks.map((_, index) => {
            const y = (index / (axis.ticks.length - 1)) * HEIGHT;
            return <line class="grid" x1="0" x2={WIDTH} y1={y} y2={y} vector-effect="non-scaling-stroke" />;
          })}
          {shown.map((one, index) => (
            <path
              class={`series series-${index}`}
              vector-effect="non-scaling-stroke"
              d={linePath(one.values.map(axis.place), { width: WIDTH, height: HEIGHT, highest: 1, steps: axis.steps })}
            />
          ))}
          <EventMark view={view} />
        </svg>
        <p class="still-x">
          <MinuteTime at={new Date(view.startMs)} />
          <MinuteTime at={new Date((view.startMs + view.endMs) / 2)} />
          <MinuteTime at={new Date(view.endMs)} />
        </p>
      </div>
      <Legend view={view} shown={shown} axis={axis} />
    </figure>
  );
}

function Legend({ view, shown, axis }: { view: StillChartView; shown: readonly StillSeries[]; axis: Axis }) {
  return (
    <figcaption class="chart-legend">
      {shown.map((one, index) => (
        <span>
          <span class={`swatch series-${index}`} />
          {one.name} <span class="mono">{lastText(one, axis)}</span>
        </span>
      ))}
      {view.series.length > SERIES_MAX ? <span>and {view.series.length - SERIES_MAX} more series</span> : null}
      {view.eventMs === undefined ? null : (
        <span>
          <span class="swatch mark" />
          event <ClockTime at={new Date(view.eventMs)} />
        </span>
      )}
    </figcaption>
  );
}

function EventMark({ view }: { view: StillChartView }) {
  if (view.eventMs === undefined || view.eventMs < view.startMs || view.eventMs > view.endMs) return null;
  const x = ((view.eventMs - view.startMs) / Math.max(1, view.endMs - view.startMs)) * WIDTH;
  return <line class="mark" x1={x} x2={x} y1="0" y2={HEIGHT} vector-effect="non-scaling-stroke" />;
}

interface Axis {
  /** Top to bottom, evenly spaced. */
  ticks: readonly string[];
  /** 0 at the bottom, 1 at the top; a value that has no place is a gap. */
  place: (value: number | null) => number | null;
  text: (value: number) => string;
  /** A state holds until the next one; an amount moves between. */
  steps: boolean;
}

function axisOf(scale: StillScale, series: readonly StillSeries[]): Axis {
  switch (scale.kind) {
    case "amount": {
      const values = series.flatMap((one) => one.values).filter((value) => value !== null);
      const highest = niceCeiling(Math.max(0, ...values));
      const ticks = [highest, highest / 2, 0].map(scale.format);
      return { ticks, place: (value) => (value === null ? null : value / highest), text: scale.format, steps: false };
    }
    case "state": {
      const { levels } = scale;
      const rank = new Map(levels.map(({ value }, index) => [value, 1 - index / Math.max(1, levels.length - 1)]));
      return {
        ticks: levels.map(({ word }) => word),
        place: (value) => (value === null ? null : (rank.get(value) ?? null)),
        text: (value) => levels.find((level) => level.value === value)?.word ?? count(value),
        steps: true,
      };
    }
  }
}

function lastText(series: StillSeries, axis: Axis): string {
  const last = series.values.findLast((value) => value !== null);
  return last === undefined || last === null ? "no data" : axis.text(last);
}

/** The next 1, 2 or 5 times a power of ten, so that the top of the axis is a number people can halve. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => value <= step * power) ?? 10) * power;
}
