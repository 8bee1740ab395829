import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { EMBEDDED_PROFILES } from "./embedded.ts";
import { columnsOf, loadProfiles, profileJsonSchema } from "./index.ts";

const GENERIC = "name: generic\n";

test("every profile in the folder is in the binary, and all of them are sound", () => {
  const files = readdirSync(join(import.meta.dir, "library"));
  expect(Object.keys(EMBEDDED_PROFILES).toSorted()).toEqual(files.toSorted());
  expect(loadProfiles().names).toEqual(expect.arrayContaining(["generic", "net-snmp", "ups", "cisco"]));
});

test("the longest sysObjectID prefix wins, whole numbers only, then sysDescr, then generic", () => {
  const library = loadProfiles({
    "g.yaml": GENERIC,
    "a.yaml": "name: acme\nmatch: { objectIds: [1.3.6.1.4.1.77] }\n",
    "b.yaml": "name: acme-router\nmatch: { objectIds: [1.3.6.1.4.1.77.2], descriptions: [Roadrunner] }\n",
  });
  expect(library.match("1.3.6.1.4.1.77.2.9", "").name).toBe("acme-router");
  expect(library.match("1.3.6.1.4.1.77.20", "").name).toBe("acme");
  expect(library.match("1.3.6.1.4.1.770", "a ROADRUNNER 5").name).toBe("acme-router");
  expect(library.match("1.3.6.1.4.1.770", "unknown").name).toBe("generic");
});

test("a profile has what its ancestors say: its own sources first, lists together, parts replaced", () => {
  const library = loadProfiles({
    "g.yaml": "name: generic\nidentity: { model: [{ text: box }] }\nprocessors: [{ column: 1.3.6.1.5 }]\n",
    "a.yaml":
      "name: acme\nextends: generic\nidentity: { model: [{ scalar: 1.3.6.1.6 }] }\nprocessors: [{ scalar: 1.3.6.1.7 }]\n",
  });
  const profile = library.get("acme");
  expect(profile?.identity.model).toEqual([{ scalar: "1.3.6.1.6" }, { text: "box" }]);
  expect(profile?.processors.map(({ column, scalar }) => column ?? scalar)).toEqual(["1.3.6.1.7", "1.3.6.1.5"]);
});

test("no OID is asked twice, and what moves slowly is not asked with every poll", () => {
  const library = loadProfiles();
  for (const name of library.names) {
    const profile = library.get(name);
    if (!profile) throw new Error(name);
    const { fast, slow } = columnsOf(profile);
    const all = [...fast.scalars, ...fast.columns, ...slow.scalars, ...slow.columns];
    expect(new Set(all).size).toBe(all.length);
    expect(slow.columns).toContain("1.0.8802.1.1.2.1.4.1.1.9");
  }
});

const load = (text: string) => () => loadProfiles({ "g.yaml": GENERIC, "bad.yaml": text });

test("a bad profile is refused with its file, the place and the fault", () => {
  expect(load("name: bad\nsensor: []\n")).toThrow(/bad\.yaml.*sensor/s);
  expect(load("name: bad\nprocessors: [{ column: ifSpeed }]\n")).toThrow(/bad\.yaml.*object identifier.*processors/s);
  expect(load("name: bad\nextends: nobody\n")).toThrow('no profile is named "nobody"');
  expect(load("name: bad\nextends: bad\n")).toThrow("in a circle");
  expect(load("name: generic\n")).toThrow("is taken by another file");
  expect(() => loadProfiles({})).not.toThrow();
  expect(() => loadProfiles({}).match("1.3.6.1", "")).toThrow('"generic"');
});

test("the JSON Schema names every part of a profile", () => {
  const schema = profileJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(["name", "match", "sensors", "interfaces", "lldp"]),
  );
  expect(schema.additionalProperties).toBe(false);
});
