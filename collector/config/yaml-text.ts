import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type ConfigProblem, type Finding, formatPath, type PathPart } from "./problem.ts";

/** 20,000 devices take about 3 MiB. */
const TEXT_CHARS_MAX = 8 * 1024 * 1024;
const ALIASES_MAX = 100;

export interface YamlText {
  value: unknown;
  /** Gives a finding its place in the text. */
  locate(finding: Finding): ConfigProblem;
}

export type ParsedYaml = { kind: "parsed"; text: YamlText } | { kind: "broken"; problems: ConfigProblem[] };

/** Parses YAML 1.2 and remembers where everything stands. */
export function parseYaml(source: string, file: string): ParsedYaml {
  if (source.length > TEXT_CHARS_MAX) {
    const problem = { expected: `at most ${TEXT_CHARS_MAX} characters`, found: `${source.length}`, hint: "" };
    return { kind: "broken", problems: [{ file, line: 1, column: 1, path: "", ...problem }] };
  }
  const lines = new LineCounter();
  // The library compares every key of a map with every other: 45,000 of them would take half a minute.
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const errors = document.errors.map(({ pos, message }) => ({ offset: pos[0], found: message }));
  const broken = errors.length > 0 ? errors : repeatedKeys(document);
  if (broken.length > 0) {
    const problems = broken.map(({ offset, found }) => {
      const { line, col } = lines.linePos(offset);
      return { file, line, column: col, path: "", expected: "YAML", found, hint: "" };
    });
    return { kind: "broken", problems };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { kind: "parsed", text: { value, locate: (finding) => locate(finding, { document, lines, file }) } };
  } catch (error) {
    // The library throws for an alias bomb and for an alias without anchor.
    const found = error instanceof Error ? error.message : String(error);
    return { kind: "broken", problems: [{ file, line: 1, column: 1, path: "", expected: "YAML", found, hint: "" }] };
  }
}

function repeatedKeys(document: Document): { offset: number; found: string }[] {
  const repeated: { offset: number; found: string }[] = [];
  const open: Node[] = document.contents ? [document.contents] : [];
  for (let node = open.pop(); node; node = open.pop()) {
    if (isSeq(node)) for (const item of node.items) if (isNode(item)) open.push(item);
    if (!isMap(node)) continue;
    const known = new Set<unknown>();
    for (const { key, value } of node.items) {
      if (isNode(value)) open.push(value);
      if (!isScalar(key)) continue;
      if (known.has(key.value)) repeated.push({ offset: startOf(key) ?? 0, found: "Map keys must be unique" });
      known.add(key.value);
    }
  }
  return repeated.toSorted((a, b) => a.offset - b.offset);
}

interface Source {
  document: Document;
  lines: LineCounter;
  file: string;
}

function locate(finding: Finding, { document, lines, file }: Source): ConfigProblem {
  const { line, col } = lines.linePos(offsetOf(document, finding.path, finding.atKey));
  const { expected, found, hint } = finding;
  return {
    file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: formatPath(finding.path),
    expected,
    found,
    hint,
  };
}

/** Offset of the node at the path, or of the nearest parent that exists (a missing key has no place of its own). */
function offsetOf(document: Document, path: readonly PathPart[], atKey: boolean): number {
  let node: Node | null | undefined = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    const child = childOf(resolve(node, document), part);
    if (!child) return offset;
    const last = depth === path.length - 1;
    offset = (last && atKey ? child.keyStart : undefined) ?? startOf(child.value) ?? child.keyStart ?? offset;
    node = child.value;
  }
  return offset;
}

function childOf(
  node: Node | null | undefined,
  part: PathPart,
): { keyStart: number | undefined; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(part)];
    return isNode(item) ? { keyStart: undefined, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(part));
  if (!pair) return undefined;
  return {
    keyStart: isNode(pair.key) ? startOf(pair.key) : undefined,
    value: isNode(pair.value) ? pair.value : null,
  };
}

function resolve(node: Node | null | undefined, document: Document): Node | null | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}
