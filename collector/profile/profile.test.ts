import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { generated } from "./generate.ts";
import { columnsOf, loadProfiles, profileJsonSchema } from "./index.ts";

const GENERIC = "name: generic\n";
const WALK_COLUMNS_MAX = 512;

test("what the binary carries and the JSON Schema are what library/ and schema.ts say", () => {
  for (const { file, text } of generated()) expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(text));
});

test("the library knows at least 150 kinds of device, each of them sound and small enough for one walk", () => {
  const library = loadProfiles();
  expect(library.names.length).toBeGreaterThanOrEqual(150);
  for (const name of library.names) {
    const profile = library.get(name);
    if (!profile) throw new Error(name);
    const { fast, slow } = columnsOf(profile);
    const all = [...fast.scalars, ...fast.columns, ...slow.scalars, ...slow.columns];
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeLessThan(WALK_COLUMNS_MAX - 10);
  }
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
  expect(library.match("", "").name).toBe("generic");
});

test("where sysObjectID names an agent's software, what the device answers and then its words tell", () => {
  const library = loadProfiles({
    "g.yaml": GENERIC,
    "n.yaml": "name: agent\nisAgent: true\nmatch: { objectIds: [1.3.6.1.4.1.88] }\n",
    "a.yaml": "name: nas\nmatch: { objectIds: [1.3.6.1.4.1.77], answers: [1.3.6.1.4.1.77.5] }\n",
    "l.yaml": "name: linux\nmatch: { descriptions: [Linux] }\n",
  });
  expect(library.isOpen("1.3.6.1.4.1.77.1")).toBe(false);
  expect(library.isOpen("1.3.6.1.4.1.88.1")).toBe(true);
  expect(library.questions).toEqual(["1.3.6.1.4.1.77.5"]);
  expect(library.match("1.3.6.1.4.1.88.1", "Linux nas", new Set(library.questions)).name).toBe("nas");
  expect(library.match("1.3.6.1.4.1.88.1", "Linux box").name).toBe("linux");
  expect(library.match("1.3.6.1.4.1.88.1", "box").name).toBe("agent");
});

test("a profile has what its ancestors say: its own sources first, lists together and once, parts replaced", () => {
  const library = loadProfiles({
    "g.yaml": "name: generic\nidentity: { model: [{ text: box }] }\nprocessors: [{ column: 1.3.6.1.5 }]\n",
    "p.yaml": "name: pump\nextends: generic\nprocessors: [{ scalar: 1.3.6.1.8 }]\n",
    "a.yaml":
      "name: acme\nextends: [generic, pump]\nidentity: { model: [{ scalar: 1.3.6.1.6 }] }\nprocessors: [{ scalar: 1.3.6.1.7 }]\n",
  });
  const profile = library.get("acme");
  expect(profile?.identity.model).toEqual([{ scalar: "1.3.6.1.6" }, { text: "box" }]);
  expect(profile?.processors.map(({ column, scalar }) => column ?? scalar)).toEqual([
    "1.3.6.1.7",
    "1.3.6.1.5",
    "1.3.6.1.8",
  ]);
});

const load = (text: string) => () => loadProfiles({ "g.yaml": GENERIC, "bad.yaml": text });

test("a bad profile is refused with its file, the place and the fault", () => {
  expect(load("name: bad\nsensor: []\n")).toThrow(/bad\.yaml.*sensor/s);
  expect(load("name: bad\nprocessors: [{ column: ifSpeed }]\n")).toThrow(/bad\.yaml.*object identifier.*processors/s);
  expect(load("name: bad\nextends: nobody\n")).toThrow('no profile is named "nobody"');
  expect(load("name: bad\nextends: bad\n")).toThrow("in a circle");
  expect(load("name: generic\n")).toThrow('say the name "generic"');
  const taken = "match: { objectIds: [1.3.6.1.4.1.77] }\n";
  expect(() => loadProfiles({ "a.yaml": `name: a\n${taken}`, "b.yaml": `name: b\n${taken}` })).toThrow(
    '"a" and "b" both match sysObjectID 1.3.6.1.4.1.77',
  );
  expect(() => loadProfiles({})).not.toThrow();
  expect(() => loadProfiles({}).match("1.3.6.1", "")).toThrow('"generic"');
});

const withPattern = (pattern: string) => load(`name: bad\nidentity: { model: [{ description: '${pattern}' }] }\n`);

test("a pattern that some text could make slow is refused", () => {
  for (const slow of ["((a+)+)b", "(a|aa)*b", "(.*)\\1", "(?=x)(y)", "(a*a*a*a*a*b)", "no group", "(unclosed"])
    expect(withPattern(slow)).toThrow("regular expression");
  for (const quick of ["version ([^,\\s]+)", "(?:v|ver)? ?(\\d[\\w.]*)", "\\((\\w+)\\)"])
    expect(withPattern(quick)).not.toThrow();
});

test("the JSON Schema names every part of a profile", () => {
  const schema = profileJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(["name", "match", "sensors", "interfaces", "lldp"]),
  );
  expect(schema.additionalProperties).toBe(false);
});
