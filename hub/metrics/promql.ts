/** A label value as a PromQL string. Text from devices enters a query through here and nowhere else. */
export function quoteLabel(value: string): string {
  const escaped = value
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/** `metric{a="…",b="…"}` with every value quoted. The metric and the label names are ours, never a device's. */
export function selector(metric: string, labels: Readonly<Record<string, string>>): string {
  for (const name of [metric, ...Object.keys(labels)]) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new Error(`"${name}" is no metric or label name`);
  }
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${quoteLabel(value)}`);
  return `${metric}{${matchers.join(",")}}`;
}
