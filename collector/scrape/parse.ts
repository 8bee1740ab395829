// Hot path: a line whose series is known costs one search and one look-up, no object. Twin: the plain reading of labels.

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[Ii]nf(?:inity)?|NaN|nan)$/;

export type ParseOutcome = { kind: "ok"; samples: number } | { kind: "malformed"; line: number; text: string };

/** Calls `take` with the text of each series as it stands (name and braces) and its value. False from it ends the reading. */
export function parseExposition(body: string, take: (series: string, value: number) => boolean): ParseOutcome {
  let samples = 0;
  let line = 0;
  for (let at = 0; at < body.length; ) {
    const newline = body.indexOf("\n", at);
    const end = newline < 0 ? body.length : newline;
    const text = body.slice(at, end).trim();
    at = end + 1;
    line += 1;
    if (text === "" || text.startsWith("#")) continue;
    const seriesLength = seriesEnd(text);
    const rest = seriesLength > 0 ? text.slice(seriesLength).trimStart() : "";
    const space = rest.search(/[ \t]/);
    const number = space < 0 ? rest : rest.slice(0, space);
    if (seriesLength <= 0 || !VALUE.test(number)) return { kind: "malformed", line, text: text.slice(0, 100) };
    samples += 1;
    if (!take(text.slice(0, seriesLength).trimEnd(), toNumber(number)))
      return { kind: "malformed", line, text: text.slice(0, 100) };
  }
  return { kind: "ok", samples };
}

/** Where name and labels end; -1 when they do not. */
function seriesEnd(text: string): number {
  const brace = text.indexOf("{");
  const space = text.search(/[ \t]/);
  if (brace < 0 || (space >= 0 && space < brace && text.slice(space, brace).trim() !== "")) return space;
  let isQuoted = false;
  for (let at = brace + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (isQuoted && char === BACKSLASH) at += 1;
    else if (char === QUOTE) isQuoted = !isQuoted;
    else if (char === 0x7d && !isQuoted) return at + 1;
  }
  return -1;
}

function toNumber(text: string): number {
  const lower = text.toLowerCase();
  if (lower.includes("inf")) return lower.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

export interface SeriesText {
  name: string;
  labels: [string, string][];
}

/** Name and labels of a series; undefined when it is not one. */
export function parseSeries(text: string): SeriesText | undefined {
  const brace = text.indexOf("{");
  const name = (brace < 0 ? text : text.slice(0, brace)).trim();
  if (!NAME.test(name)) return undefined;
  const labels: [string, string][] = [];
  let at = brace < 0 ? text.length : brace + 1;
  while (at < text.length) {
    const rest = text.slice(at);
    const gap = /^[\s,]*/.exec(rest)?.[0].length ?? 0;
    if (rest[gap] === "}") break;
    const match = /^([^=\s,{}"]+)\s*=\s*"((?:[^"\\]|\\.)*)"/s.exec(rest.slice(gap));
    if (!match?.[1] || match[2] === undefined || !LABEL_NAME.test(match[1])) return undefined;
    labels.push([match[1], unescape(match[2])]);
    at += gap + match[0].length;
  }
  return { name, labels };
}

function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char)) : text;
}
