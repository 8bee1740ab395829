import { readFileSync, readlinkSync } from "node:fs";

const TABLES = ["/proc/net/udp", "/proc/net/udp6"];
const INODE_FIELD = 9;
const DROPS_FIELD = 12;

/** Datagrams that the kernel dropped since the socket was opened, as a function to ask again; 0 where it cannot be told. */
export function kernelDropsOf(socket: object): () => number {
  const fd = "fd" in socket && typeof socket.fd === "number" ? socket.fd : -1;
  if (process.platform !== "linux" || fd < 0) return () => 0;
  const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  let last = 0;
  return () => {
    // The row goes with the socket; what was dropped before stays true.
    if (inode !== undefined) last = dropsIn(inode) ?? last;
    return last;
  };
}

function dropsIn(inode: string): number | undefined {
  for (const table of TABLES) {
    const row = readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .find((fields) => fields[INODE_FIELD] === inode);
    if (row) return Number(row[DROPS_FIELD] ?? 0);
  }
  return undefined;
}
