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

/**
 * `metric{a="…",b="…"}` with every value quoted; a list of values matches any of them, each letter for letter. The
 * metric and the label names are ours, never a device's.
 */
export function selector(metric: string, labels: Readonly<Record<string, string | readonly string[]>>): string {
  for (const name of [metric, ...Object.keys(labels)]) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new Error(`"${name}" is no metric or label name`);
  }
  const matchers = Object.entries(labels).map(([name, value]) =>
    typeof value === "string" ? `${name}=${quoteLabel(value)}` : `${name}=~${quoteLabel(value.map(literal).join("|"))}`,
  );
  return `${metric}{${matchers.join(",")}}`;
}

/** Text as a regular expression that matches it and nothing else. */
function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, (character) => `\\${character}`);
}
