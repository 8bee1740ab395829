// Runs under plain Node or Bun with nothing installed: it brings the pinned Bun and the packages of bun.lock.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const toolchainDir = join(root, ".watchpost", "toolchain");
const WORKSPACES = ["hub", "collector", "proto", "ui", "db", "packaging"];

/** An expected refusal: the message is the whole story, no stack. */
export class SetupError extends Error {}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Path of the pinned Bun, installed first when this machine has another or none. */
export function ensureBun() {
  const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.replace("bun@", "");
  const platform = `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}${muslSuffix()}`;
  const own = join(toolchainDir, "node_modules", platform, "bin", "bun");
  const found = [process.versions.bun ? process.execPath : "bun", own].find((path) => versionOf(path) === pinned);
  if (found) return found;

  mustBeWritable(root);
  mkdirSync(toolchainDir, { recursive: true });
  writeFileSync(join(toolchainDir, "package.json"), '{"private":true}\n');
  say(`· Bun ${pinned}: installing`);
  const wanted = `${platform}@${pinned}`;
  const installer = installedBy("npm")
    ? ["npm", ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", toolchainDir, wanted]]
    : [process.execPath, ["add", "--cwd", toolchainDir, wanted]];
  run(installer[0], installer[1], { cwd: toolchainDir, what: `installing ${wanted}` });
  if (versionOf(own) !== pinned) {
    throw new SetupError(
      `Bun ${pinned} was installed to ${own} but does not run here (${platform}). Is this machine's CPU and libc supported?`,
    );
  }
  return own;
}

/** Installs the packages of bun.lock when node_modules does not match it yet. */
export function ensurePackages(bun) {
  const marker = join(root, "node_modules", ".watchpost-installed");
  const files = ["bun.lock", "package.json", ...WORKSPACES.map((w) => join(w, "package.json"))];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(root, file)));
  const wanted = hash.digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  mustBeWritable(root);
  say("· packages: installing");
  run(bun, ["install", "--frozen-lockfile", "--no-progress"], {
    cwd: root,
    what: "installing the packages of bun.lock",
  });
  writeFileSync(marker, wanted);
}

/** Puts the pinned Bun where npm looks for commands, so that `npm run lab` works on a machine without Bun. */
export function linkBun(bun) {
  const link = join(root, "node_modules", ".bin", "bun");
  const target = bun === "bun" ? run("sh", ["-c", "command -v bun"], { what: "looking for bun" }).trim() : bun;
  if (existsSync(link) && realpathSync(link) === realpathSync(target)) return;
  mustBeWritable(dirname(link));
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

/** The environment in which `bun` and the packages' commands are found first. */
export function environment(bun) {
  const path = [dirname(bun), join(root, "node_modules", ".bin"), join(toolchainDir, "bin"), process.env.PATH ?? ""];
  return { ...process.env, PATH: path.join(delimiter) };
}

/** Runs to the end, quietly; on failure shows the last lines that it printed. */
export function run(command, args, { cwd = root, what, env = process.env }) {
  const done = spawnSync(command, args, { cwd, env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (done.error)
    throw new SetupError(`${what}: ${command} cannot be started (${done.error.code ?? done.error.message}).`);
  if (done.status !== 0) {
    const tail = `${done.stdout}${done.stderr}`.trim().split("\n").slice(-8).join("\n  ");
    throw new SetupError(
      `${what} failed: ${command} ${args.join(" ")} ended with ${done.status ?? done.signal}.\n  ${tail}`,
    );
  }
  return done.stdout;
}

export function installedBy(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

export function mustBeWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new SetupError(
      `${folder} cannot be written to by this user, and something is still to be installed there. Copy the checkout to a folder of your own.`,
    );
  }
}

/** Ends the process as `main` says; a SetupError becomes one sentence. */
export function exitWith(main) {
  try {
    process.exitCode = main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`✗ ${error.message}`);
    process.exitCode = 1;
  }
}

function versionOf(bun) {
  const done = spawnSync(bun, ["--version"], { encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

function muslSuffix() {
  if (process.platform !== "linux") return "";
  return existsSync("/etc/alpine-release") ? "-musl" : "";
}
