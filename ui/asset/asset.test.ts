import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AssetName, assetUrl, findAsset, STYLESHEETS } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "watchpost-asset-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function found(name: AssetName) {
  const [, , hash = "", file = ""] = assetUrl(name).split("/");
  return findAsset(hash, file);
}

function text(name: AssetName): string {
  return new TextDecoder().decode(found(name)?.bytes);
}

test("every style sheet, script and font is there under its URL", () => {
  const scripts: AssetName[] = ["app.js", "alpine.js", "chart.js"];
  for (const name of [...STYLESHEETS, ...scripts, "inter.woff2", "mono.woff2", "favicon.svg"] as const)
    expect([name, found(name)?.bytes.length ?? 0]).toEqual([name, expect.any(Number)]);
  expect(found("app.js")?.contentType).toBe("text/javascript; charset=utf-8");
});

test("the hash of another version is refused, so that a browser never keeps a stale file for ever", () => {
  expect(findAsset("000000000000", "app.js")).toBeUndefined();
});

test("htmx, its event streams and our listeners are one script, in that order", () => {
  const script = text("app.js");
  const places = ["var htmx=", "hx-sse:connect", "data-live"].map((mark) => script.indexOf(mark));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test("styles fetch nothing from elsewhere", () => {
  for (const name of STYLESHEETS) expect(text(name)).not.toMatch(/url\(["']?(?:https?:)?\/\//);
});

test("the files are inside a compiled binary", async () => {
  const entry = join(scratch, "main.ts");
  const program = `import { assetUrl, findAsset } from ${JSON.stringify(join(import.meta.dir, "index.ts"))};
    const [, , hash, name] = assetUrl("app.js").split("/");
    const { bytes } = findAsset(hash, name);
    console.log(assetUrl("app.js"), bytes.length);`;
  await Bun.write(entry, program);
  const binary = join(scratch, "main");
  const built = Bun.spawnSync([process.execPath, "build", "--compile", "--minify", entry, "--outfile", binary]);
  expect(built.stderr.toString() + built.exitCode).toEndWith("0");
  const ran = Bun.spawnSync([binary], { cwd: scratch });
  expect(ran.stdout.toString().trim()).toBe(`${assetUrl("app.js")} ${found("app.js")?.bytes.length}`);
}, 60_000);
