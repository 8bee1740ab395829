import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Style that a linter does not see: sizes, rooms with a README, nothing left behind. */
const LINES_MAX = 400;
const LINES_MEDIAN_MAX = 90;
const LINES_P90_MAX = 250;
const README_LINES_MAX = 15;
const NAMES_THAT_SAY_NOTHING = /^(utils?|helpers?|common|misc|manager)(\.|$)/;
const parts = (file: string) => [basename(file), ...dirname(file).split("/")];
const WORKSPACES = ["hub", "collector", "ui", "db", "packaging"];

const root = import.meta.dir;
const files = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .stdout.toString()
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const sources = files.filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.includes("/gen/"));
const text = new Map(sources.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const lines = new Map([...text].map(([file, content]) => [file, content.trimEnd().split("\n").length]));

test("no file is longer than 400 lines", () => {
  expect([...lines].filter(([, count]) => count > LINES_MAX)).toEqual([]);
});

test("files are short: median 90 lines, 90th percentile 250", () => {
  const sorted = [...lines.values()].toSorted((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(LINES_MEDIAN_MAX);
  expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThanOrEqual(LINES_P90_MAX);
});

test("every room says what it is in a README of at most 15 lines", () => {
  const rooms = new Set(
    sources
      .filter((f) => WORKSPACES.some((w) => f.startsWith(`${w}/`)))
      .map((f) => f.split("/").slice(0, 2))
      .map((p) => (p[1]?.includes(".") ? p[0] : p.join("/"))),
  );
  const missing = [...rooms].filter((room) => !existsSync(join(root, String(room), "README.md")));
  expect(missing).toEqual([]);
  const long = files.filter(
    (f) =>
      f !== "README.md" &&
      basename(f) === "README.md" &&
      readFileSync(join(root, f), "utf8").trimEnd().split("\n").length > README_LINES_MAX,
  );
  expect(long).toEqual([]);
});

test("every link in the documents leads to a file", () => {
  const broken = files
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/\]\(([^)#:]+)\)/g)]
        .map((match) => join(dirname(file), match[1] ?? ""))
        .filter((target) => !existsSync(join(root, target))),
    );
  expect(broken).toEqual([]);
});

test("a name says what is inside", () => {
  expect(files.filter((file) => parts(file).some((part) => NAMES_THAT_SAY_NOTHING.test(part)))).toEqual([]);
});

test("nothing is left behind and no check is switched off", () => {
  const patterns = [
    /\b(TODO|FIXME|XXX|HACK)\b/,
    /\b(test|it|describe)\.(skip|only|todo)\b/,
    /as any\b/,
    /@ts-(ignore|expect-error|nocheck)/,
    /oxlint-disable|biome-ignore/,
    /catch *(\([^)]*\))? *\{ *\}/,
  ];
  const own = "tidy.test.ts";
  const found = [...text]
    .filter(([file]) => file !== own)
    .flatMap(([file, content]) => patterns.filter((p) => p.test(content)).map((p) => `${file}: ${p.source}`));
  expect(found).toEqual([]);
});

test("the lock file names no registry", () => {
  expect(readFileSync(join(root, "bun.lock"), "utf8")).not.toContain("https://");
});
