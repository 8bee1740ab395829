const WIDTH = 96;
const HEIGHT = 20;

/** A word-sized line, from zero; null is a gap. `label` says in words what it shows. */
export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const highest = Math.max(0, ...values.filter((value) => value !== null));
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={linePath(values, { width: WIDTH, height: HEIGHT, highest })} />
    </svg>
  );
}

/** SVG path of evenly spaced values: a new stroke after each gap. */
export function linePath(
  values: readonly (number | null)[],
  frame: { width: number; height: number; highest: number; steps?: boolean },
): string {
  const step = values.length > 1 ? frame.width / (values.length - 1) : 0;
  const scale = frame.highest > 0 ? (frame.height - 2) / frame.highest : 0;
  let path = "";
  let before: string | undefined;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      before = undefined;
      continue;
    }
    const x = (index * step).toFixed(1);
    const y = (frame.height - 1 - value * scale).toFixed(1);
    // A lone point between two gaps is a dot: a line to itself with round caps.
    path += before === undefined ? `M${x} ${y}` : frame.steps ? `L${x} ${before}` : "";
    path += `L${x} ${y}`;
    before = y;
  }
  return path;
}
