import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../../packaging/parts/index.ts";
import { main } from "../cli/index.ts";
import { loadSiteProfiles } from "./index.ts";

function folderOf(files: Record<string, string>): string {
  const folder = join(scratchDir("profiles"), "own");
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

const PUMP = `name: pump
extends: switch
match: { objectIds: [1.3.6.1.4.1.99999.7] }
identity:
  vendor: [{ text: Acme }]
  model: [{ scalar: 1.3.6.1.4.1.99999.7.1 }]
sensors:
  - { class: temperature, name: { text: water }, unit: celsius, value: { scalar: 1.3.6.1.4.1.99999.7.2, scale: 0.1 } }
`;

async function collector(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line), env: {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

test("a device that no release knows is read by a profile of the site", async () => {
  const folder = folderOf({ "pump.yaml": PUMP, "README.md": "not a profile" });
  const recording = join(scratchDir("profiles"), "pump.snmprec");
  const own = ["1.3.6.1.4.1.99999.7.1.0|4|P-9", "1.3.6.1.4.1.99999.7.2.0|2|415"];
  writeFileSync(recording, ["1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7.4", "1.3.6.1.2.1.1.3.0|67|9", ...own].join("\n"));
  const { code, out } = await collector("profile", "test", recording, "--folder", folder, "--json");
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { profile: "pump", vendor: "Acme", model: "P-9", sensors: [{ name: "water", value: 41.5 }] },
  ]);
  expect((await collector("profile", "check", join(folder, "pump.yaml"))).out).toMatch(/^pump: reads \d+ objects/);
});

test("a profile of the site replaces the built-in one of its name, and takes over sysObjectIDs and words", () => {
  const folder = folderOf({
    "a.yaml": "name: mikrotik\nextends: router\nidentity: { vendor: [{ text: Ours }] }\n",
    "b.yml": "name: our-phone\nextends: base\nmatch: { objectIds: [1.3.6.1.4.1.9], descriptions: [Linux] }\n",
  });
  const { library, names, problems } = loadSiteProfiles(folder);
  expect([names, problems]).toEqual([["mikrotik", "our-phone"], []]);
  expect(library.get("mikrotik")?.identity.vendor).toContainEqual({ text: "Ours" });
  expect(library.match("1.3.6.1.4.1.14988.1", "").name).toBe("generic");
  expect(library.match("1.3.6.1.4.1.9.99999", "").name).toBe("our-phone");
  expect(library.match("1.3.6.1.4.1.9.1.1208", "").name).not.toBe("our-phone");
  expect(library.match("", "Linux gate 5.10").name).toBe("our-phone");
  expect(loadSiteProfiles(undefined).library.match("", "Linux gate 5.10").name).toBe("linux");
});

test("a wrong profile is left out and named with file and line; the others count", async () => {
  const folder = folderOf({
    "good.yaml": PUMP,
    "key.yaml": "name: key\nextends: base\nsensor: []\n",
    "oid.yaml": "name: oid\nprocessors:\n  - { column: ifSpeed }\n",
    "parent.yaml": "name: parent\nextends: nobody\n",
    "child.yaml": "name: child\nextends: parent\n",
    "twin.yaml": "name: twin\nmatch: { objectIds: [1.3.6.1.4.1.99999.7] }\n",
    "yaml.yaml": "name: [\n",
  });
  const { names, problems } = loadSiteProfiles(folder);
  expect(names).toEqual(["pump"]);
  const text = problems.join("\n");
  expect(text).toMatch(/key\.yaml:3:1: sensor: expected a known key.*Did you mean "sensors"/);
  expect(text).toMatch(/oid\.yaml:3:15: processors\[0\]\.column: expected an object identifier in numbers/);
  expect(text).toMatch(/parent\.yaml:1:1: no profile is named "nobody"/);
  expect(text).toMatch(/child\.yaml:1:1: no profile is named "(nobody|parent)"/);
  expect(text).toMatch(/twin\.yaml:1:1: profiles "pump" and "twin" both match/);
  expect(text).toContain("yaml.yaml:");
  const config = join(folder, "..", "collector.yaml");
  writeFileSync(config, `name: site\nprofiles: { folder: ${folder} }\n`);
  const checked = await collector("check-config", config);
  expect([checked.code, checked.err]).toEqual([1, expect.stringContaining("key.yaml:3:1")]);
  expect(await collector("profile", "check", join(folder, "key.yaml"))).toMatchObject({ code: 1, out: "" });
});

test("a folder that is not there leaves the built-in profiles, and says so", () => {
  const { library, problems } = loadSiteProfiles("/nonexistent/profiles");
  expect(library.names).toContain("generic");
  expect(problems).toEqual([expect.stringContaining("/nonexistent/profiles")]);
});
