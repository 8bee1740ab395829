import type { Environment } from "../config/index.ts";

export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

/** Where a command reads and writes; tests give their own. */
export interface Terminal {
  out: (line: string) => void;
  err: (line: string) => void;
  env: Environment;
}
