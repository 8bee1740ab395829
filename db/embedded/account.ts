import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root: the account it runs under instead, or undefined when we are not root. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n").map(parseAccount);
  for (const name of ["postgres", "nobody"]) {
    const account = accounts.find((a) => a?.name === name);
    if (account) return account;
  }
  throw new Error(
    "running as root and neither the account postgres nor nobody is in /etc/passwd. Run as another user.",
  );
}

function parseAccount(line: string): Account | undefined {
  const [name, , uid, gid] = line.split(":");
  return name && uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}

/** Whether every folder above and including `path` may be entered by others; missing folders count as open. */
export function isTraversableByOthers(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
