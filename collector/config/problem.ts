/** One thing wrong in a configuration text: where, what was expected, what is there, what to do. */
export interface ConfigProblem {
  file: string;
  /** From 1. */
  line: number;
  column: number;
  /** devices[3].address; empty for the whole text. */
  path: string;
  expected: string;
  found: string;
  hint: string;
}

export type PathPart = string | number;

/** A problem before it has a place in the text. */
export interface Finding {
  path: PathPart[];
  /** Points at the key of the last path part instead of its value. */
  atKey: boolean;
  expected: string;
  found: string;
  hint: string;
}

export function formatPath(path: readonly PathPart[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** One line for a person, with file:line:column first so that editors can jump. */
export function formatProblem(problem: ConfigProblem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}`;
  const what = problem.path === "" ? "" : `${problem.path}: `;
  const hint = problem.hint === "" ? "" : ` ${problem.hint}`;
  return `${where}: ${what}expected ${problem.expected}, found ${problem.found}.${hint}`;
}
