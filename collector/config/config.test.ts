import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../../packaging/parts/index.ts";
import { configJsonSchema, formatProblem, loadConfig, openPushedConfig, parseConfig } from "./index.ts";

const START = `name: harbor-1
credentials:
  - { name: public, version: v2c, community: public }
`;

function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  const parsed = parseConfig(text, { file: "collector.yaml", env });
  return parsed.kind === "ok" ? [] : parsed.problems.map(formatProblem);
}

const SAMPLE_ENV = { SNMP_COMMUNITY: "c", SNMP_AUTH_PASSWORD: "authenticate", SNMP_PRIV_PASSWORD: "privacy-too" };

test("the example is valid and keeps its secrets outside of the file", () => {
  const loaded = loadConfig(join(import.meta.dir, "collector.example.yaml"), SAMPLE_ENV);
  expect(loaded).toMatchObject({
    kind: "ok",
    config: { credentials: [{ community: "c" }, { authPassword: "authenticate" }] },
  });
});

test("the committed JSON Schema is fresh", () => {
  const committed: unknown = JSON.parse(readFileSync(join(import.meta.dir, "collector.schema.json"), "utf8"));
  expect(committed).toEqual(JSON.parse(configJsonSchema()));
});

test("an unknown key names its line and the nearest known key", () => {
  const text = `${START}devices:\n  - name: sw1\n    address: 10.0.0.1\n    credential: public\n    intervalMS: 5000\n`;
  expect(problemsOf(text)).toEqual([
    'collector.yaml:8:5: devices[0].intervalMS: expected a known key, found "intervalMS". Did you mean "intervalMs"?',
  ]);
});

test("an unknown key that resembles nothing lists the known ones", () => {
  expect(problemsOf(`${START}poll:\n  xylophone: 1\n`)).toEqual([
    'collector.yaml:5:3: poll.xylophone: expected a known key, found "xylophone". ' +
      "Known keys here: inFlightMax, intervalMs, retries, timeoutMs.",
  ]);
});

test("every bad value is reported at its own place", () => {
  const text = `name: a b\npoll: { intervalMs: soon, retries: 9 }\ncredentials:\n  - name: x\n    version: v4\nstatus: 5\n`;
  expect(problemsOf(text)).toEqual([
    'collector.yaml:1:7: name: expected letters, digits, dot, dash and underscore, at most 63 characters, found "a b".',
    'collector.yaml:2:21: poll.intervalMs: expected a number, found "soon".',
    "collector.yaml:2:36: poll.retries: expected a number of at most 5, found 9.",
    'collector.yaml:5:14: credentials[0].version: expected one of "v1", "v2c", "v3", found "v4".',
    "collector.yaml:6:9: status: expected a mapping (key: value), found 5.",
  ]);
});

test("a bad address says what an address is", () => {
  const text = `${START}devices: [{ name: sw1, address: core.example, credential: public }]\n`;
  expect(problemsOf(text)[0]).toContain('expected an IPv4 address or an IPv6 address, found "core.example"');
});

test("a missing key points at its parent", () => {
  const text = `${START}devices:\n  - name: sw1\n    credential: public\n`;
  expect(problemsOf(text)).toEqual(["collector.yaml:5:5: devices[0].address: expected text, found nothing."]);
});

test("names that collide or do not exist are found across the text", () => {
  const text = `${START}devices:
  - { name: sw1, address: 10.0.0.1, credential: public }
  - { name: sw1, address: 10.0.0.2, credential: publik }
  - { name: sw3, address: 10.0.0.1, credential: public }
rules: [{ name: hot, metric: cpu_usage_ratio, above: 0.8, clear: 0.9 }]
`;
  const found = problemsOf(text).map((p) => p.replace(/^collector.yaml:\d+:\d+: /, ""));
  expect(found).toEqual([
    "devices[1].name: expected a device name used once, found sw1 again (entry 0 has it).",
    'devices[1].credential: expected the name of an entry of credentials, found "publik". Did you mean "public"?',
    "devices[2].address: expected an address and port used once, found 10.0.0.1:161 again (entry 0 has it).",
    "rules[0].clear: expected a value of at most 0.8, found 0.9.",
  ]);
});

test("an SNMPv3 user without what its protocols need is refused", () => {
  const text = `name: h\ncredentials:\n  - { name: o, version: v3, user: ops, authProtocol: sha256, privProtocol: aes128 }\n`;
  expect(problemsOf(text).join("\n")).toContain("expected authPassword, because authProtocol is sha256, found none");
});

test("a secret that is too short is not printed", () => {
  const text = `name: h\ncredentials:\n  - { name: o, version: v3, user: ops, authPassword: hunter2 }\n`;
  expect(problemsOf(text)).toEqual([
    "collector.yaml:3:54: credentials[0].authPassword: expected text of at least 8 characters, found a value kept secret here.",
  ]);
});

test("an unset variable and an unreadable file are named", () => {
  const text = `name: h\ncredentials:\n  - { name: a, version: v2c, community: "\${env:NOPE}" }\n  - { name: b, version: v2c, community: "\${file:/does/not/exist}" }\n`;
  const found = problemsOf(text).join("\n");
  expect(found).toContain(
    "expected environment variable NOPE, found it unset. Set NOPE in the collector's environment.",
  );
  expect(found).toContain("expected a readable file /does/not/exist, found ENOENT");
});

test("a secret may come from a file, without its last line break", () => {
  const file = join(scratchDir("secret"), "community");
  writeFileSync(file, "s3cret\n");
  const text = `name: h\ncredentials:\n  - { name: a, version: v2c, community: "\${file:${file}}" }\n`;
  expect(parseConfig(text, { file: "c", env: {} })).toMatchObject({
    kind: "ok",
    config: { credentials: [{ community: "s3cret" }] },
  });
});

test("broken YAML, duplicate keys and alias bombs are problems, not crashes", () => {
  expect(problemsOf("name: [unclosed\n")[0]).toStartWith("collector.yaml:2:1: expected YAML, found");
  expect(problemsOf("name: a\nname: b\n")[0]).toContain("Map keys must be unique");
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`;
  expect(problemsOf(bomb)[0]).toContain("Excessive alias count");
  expect(problemsOf("")[0]).toContain("expected a mapping");
});

test("a file that is not there is said with its path", () => {
  expect(loadConfig("/does/not/exist.yaml", {})).toMatchObject({ kind: "unreadable" });
});

const CREDENTIALS = [{ name: "public", version: "v2c" as const, community: "public" }];

test("a text with very many unknown keys is refused quickly, with its first problems", () => {
  const yaml = Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join("\n");
  const from = process.cpuUsage();
  const problems = problemsOf(yaml);
  // Longer than the watchdog's patience when each key is compared with each other.
  expect(process.cpuUsage(from).user).toBeLessThan(10_000_000);
  expect(problems).toHaveLength(50);
  expect(problems[1]).toContain("collector.yaml:1:1: k0");
});

test("a pushed configuration is in force after a restart, and a bad one leaves the old one standing", () => {
  const dataDir = scratchDir("pushed");
  const pushed = openPushedConfig({ dataDir, credentials: CREDENTIALS });
  expect(pushed.read()).toEqual({ kind: "none" });
  const good = "devices: [{ name: sw1, address: 10.0.0.1, credential: public }]";
  expect(pushed.accept(3, good)).toMatchObject({ kind: "applied", site: { devices: [{ name: "sw1" }] } });
  expect(pushed.accept(4, "devices: [{ name: sw1, address: 10.0.0.1, credential: other }]")).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("configuration 4 of the hub:1:55: devices[0].credential"),
  });
  pushed.prove();
  pushed.settle();
  const reopened = openPushedConfig({ dataDir, credentials: CREDENTIALS });
  expect(reopened.read()).toMatchObject({ kind: "in-force", version: 3, site: { devices: [{ name: "sw1" }] } });
  expect(openPushedConfig({ dataDir, credentials: [] }).read()).toMatchObject({ kind: "unusable" });
});

test("one that ends the collector before it has proven itself is given up for the one before, and refused from then on", () => {
  const dataDir = scratchDir("pushed-trial");
  const open = () => openPushedConfig({ dataDir, credentials: CREDENTIALS });
  const first = open();
  first.accept(1, "poll: { intervalMs: 5000 }");
  first.prove();
  first.accept(2, "poll: { intervalMs: 6000 }");
  expect(open().read()).toMatchObject({ kind: "in-force", version: 2, isProven: false });
  const third = open();
  expect(third.read()).toMatchObject({ kind: "in-force", version: 1, isProven: true });
  expect(third.accept(2, "poll: { intervalMs: 6000 }")).toEqual({
    kind: "refused",
    reason: "rolled back: the collector ended 2 times before configuration 2 had proven itself",
  });
  expect(third.accept(3, "poll: { intervalMs: 7000 }")).toMatchObject({ kind: "applied" });
});

test("one that proved itself is given up too when the collector then ends twice before it has settled", () => {
  const dataDir = scratchDir("pushed-settling");
  const open = () => openPushedConfig({ dataDir, credentials: CREDENTIALS });
  const first = open();
  first.accept(1, "poll: { intervalMs: 5000 }");
  first.prove();
  first.accept(2, "poll: { intervalMs: 6000 }");
  first.prove();
  expect(first.provenVersion()).toBe(2);
  expect(open().read()).toMatchObject({ kind: "in-force", version: 2, isProven: true });
  const third = open();
  expect(third.read()).toMatchObject({ kind: "in-force", version: 1, isProven: true });
  expect(third.provenVersion()).toBe(1);
  expect(third.accept(2, "poll: { intervalMs: 6000 }")).toEqual({
    kind: "refused",
    reason: "rolled back: the collector ended 2 times within a minute of a start with configuration 2",
  });
});

test("ends of a settled one, and stops that were asked for, are held against nothing", () => {
  const dataDir = scratchDir("pushed-settled");
  const open = () => openPushedConfig({ dataDir, credentials: CREDENTIALS });
  open().accept(1, "poll: { intervalMs: 5000 }");
  for (let start = 0; start < 4; start += 1) {
    const pushed = open();
    expect(pushed.read()).toMatchObject({ kind: "in-force", version: 1 });
    pushed.stopped();
  }
  const last = open();
  expect(last.read()).toMatchObject({ kind: "in-force", version: 1, isProven: false });
  last.prove();
  last.settle();
  for (let start = 0; start < 4; start += 1) {
    expect(open().read()).toMatchObject({ kind: "in-force", version: 1, isProven: true });
  }
});

test("one whose very check ends the collector is given up too, and one that does not fit is not left on trial", () => {
  const dataDir = scratchDir("pushed-check");
  const file = join(dataDir, "pushed-config.json");
  const open = () => openPushedConfig({ dataDir, credentials: CREDENTIALS });
  const first = open();
  first.accept(1, "poll: { intervalMs: 5000 }");
  first.prove();
  expect(first.accept(2, "nonsense: 1")).toMatchObject({ kind: "refused" });
  expect(open().read()).toMatchObject({ kind: "in-force", version: 1, isProven: true });

  // What is on disk while the text is looked at, and the process ends.
  const trial = { version: 3, yaml: "nonsense: 1", starts: 0 };
  writeFileSync(file, JSON.stringify({ proven: { version: 1, yaml: "poll: { intervalMs: 5000 }" }, trial }));
  const second = open();
  expect(second.read()).toMatchObject({ kind: "in-force", version: 1, isProven: true });
  expect(second.accept(3, "nonsense: 1")).toMatchObject({
    kind: "refused",
    reason: expect.stringMatching(/^rolled back: /),
  });
  // Ended by its check at the next start too: it is not looked at a third time.
  writeFileSync(file, JSON.stringify({ proven: { version: 1, yaml: "{}" }, trial: { ...trial, starts: 1 } }));
  const third = open();
  expect(third.read()).toMatchObject({ kind: "in-force", version: 1 });
  expect(third.accept(3, "nonsense: 1")).toEqual({
    kind: "refused",
    reason: "rolled back: the collector ended 2 times before configuration 3 had proven itself",
  });
});

test("a damaged pushed configuration is said, not obeyed", () => {
  const dataDir = scratchDir("pushed-damaged");
  writeFileSync(join(dataDir, "pushed-config.json"), '{"version": 3, "ya');
  expect(openPushedConfig({ dataDir, credentials: [] }).read()).toMatchObject({ kind: "unusable" });
});

test("the hub may not push keys that belong to the local file", () => {
  const pushed = openPushedConfig({ dataDir: scratchDir("pushed-keys"), credentials: CREDENTIALS });
  expect(pushed.accept(1, "scripts: { enabled: true, allow: [anything] }")).toMatchObject({ kind: "refused" });
});
