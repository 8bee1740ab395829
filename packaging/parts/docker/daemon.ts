import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startChild } from "@watchpost/db/embedded";

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const BRIDGE = "docker0";

export interface Daemon {
  /** DOCKER_HOST. */
  host: string;
  /** Makes an image of a folder. `changes` are lines of a Dockerfile. */
  importImage(name: string, options: { root: string; changes: readonly string[] }): Promise<void>;
  /** The image of every container that was started. */
  started(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Debian keeps the engine where a plain user's PATH does not look, and so do some shells of root. */
const PATH = [process.env["PATH"], "/usr/sbin", "/sbin"].join(delimiter);

export function findDockerd(): string | null {
  return Bun.which("dockerd", { PATH });
}

/** A Docker engine of our own: its socket, images and containers stand in one folder, and it changes no firewall. */
export async function startDaemon(dir: string): Promise<Daemon> {
  for (const name of ["data", "exec"]) mkdirSync(join(dir, name), { recursive: true });
  const socket = join(dir, "docker.sock");
  const logFile = join(dir, "dockerd.log");
  const hadBridge = existsSync(`/sys/class/net/${BRIDGE}`);
  const sinceS = Math.floor(Date.now() / 1_000);
  const folders = ["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec")];
  const own = ["--pidfile", join(dir, "dockerd.pid"), "-H", `unix://${socket}`];
  const firewall = ["--iptables=false", "--ip6tables=false"];
  const child = startChild({
    name: "dockerd",
    command: findDockerd() ?? "dockerd",
    args: [...folders, ...own, ...firewall],
    logFile,
    env: { PATH },
  });
  const ask = (path: string, init: RequestInit = {}) => fetch(`http://docker${path}`, { ...init, unix: socket });

  const deadlineMs = performance.now() + START_MS_MAX;
  while (!(existsSync(socket) && (await ask("/_ping").catch(() => undefined))?.ok)) {
    if (child.hasExited() || performance.now() > deadlineMs) {
      await child.stop("SIGTERM", STOP_MS_MAX);
      throw new Error(`dockerd did not answer on ${socket}. Its own words: ${await lastWords(logFile)}`);
    }
    await Bun.sleep(100);
  }

  return {
    host: `unix://${socket}`,
    async importImage(name, { root, changes }) {
      const tar = Bun.spawn(["tar", "--create", "--directory", root, "."], { stdout: "pipe", stderr: "inherit" });
      const [repo = "", tag = "latest"] = name.split(":");
      const query = new URLSearchParams({ fromSrc: "-", repo, tag });
      for (const change of changes) query.append("changes", change);
      const body = await new Response(tar.stdout).arrayBuffer();
      if ((await tar.exited) !== 0) throw new Error(`tar could not pack ${root}`);
      const answer = await ask(`/images/create?${query}`, { method: "POST", body });
      const said = await answer.text();
      if (!answer.ok || said.includes('"error"')) throw new Error(`the engine refused ${name}: ${said.slice(-500)}`);
    },
    async started() {
      const filters = JSON.stringify({ type: ["container"], event: ["start"] });
      const until = Math.ceil(Date.now() / 1_000);
      const query = new URLSearchParams({ since: String(sinceS), until: String(until), filters });
      const lines = (await (await ask(`/events?${query}`)).text()).split("\n").filter(Boolean);
      return lines.map((line) => String((JSON.parse(line) as { from?: string }).from));
    },
    async stop() {
      await child.stop("SIGTERM", STOP_MS_MAX);
      if (!hadBridge && existsSync(`/sys/class/net/${BRIDGE}`)) await removeBridge();
    },
  };
}

/** Without iproute2 the bridge stays, down and without an address in use, until the machine starts anew. */
async function removeBridge(): Promise<void> {
  if (!Bun.which("ip")) return;
  await Bun.spawn(["ip", "link", "delete", BRIDGE], { stdout: "ignore", stderr: "inherit" }).exited;
}

async function lastWords(logFile: string): Promise<string> {
  return (await Bun.file(logFile).text()).trim().split("\n").slice(-5).join("\n");
}
