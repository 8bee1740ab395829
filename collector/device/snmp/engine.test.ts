import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AuthProtocol, PrivProtocol, SnmpCredential } from "./index.ts";
import { createSnmpEngine, oid, type SnmpEngine, type Walked } from "./index.ts";
import { COMMUNITY, type Snmpd, type SnmpdUser, startSnmpd } from "./snmpd.fixture.ts";

const PAIRS: [AuthProtocol | "none", PrivProtocol | "none"][] = [
  ["none", "none"],
  ["md5", "none"],
  ["sha1", "none"],
  ["sha224", "none"],
  ["sha384", "none"],
  ["md5", "des"],
  ["sha1", "des"],
  ["sha1", "aes128"],
  ["sha224", "aes128"],
  ["sha256", "aes128"],
  ["sha512", "aes128"],
  ["md5", "aes192"],
  ["sha1", "aes256"],
  ["sha256", "aes256"],
  ["sha512", "aes192"],
  ["md5", "aes256c"],
  ["sha1", "aes192c"],
  ["sha1", "aes256c"],
  ["sha384", "aes256c"],
];

const users: SnmpdUser[] = PAIRS.map(([authProtocol, privProtocol]) => ({
  user: `u-${authProtocol}-${privProtocol}`,
  authProtocol,
  authPassword: "correct horse",
  privProtocol,
  privPassword: "battery staple",
}));

let agent: Snmpd;
let engine: SnmpEngine;

beforeAll(async () => {
  agent = await startSnmpd({ users });
  engine = createSnmpEngine();
});
afterAll(async () => {
  engine.close();
  await agent.stop();
});

const IF_DESCR = "1.3.6.1.2.1.2.2.1.2";
const IF_TYPE = "1.3.6.1.2.1.2.2.1.3";
const IF_MAC = "1.3.6.1.2.1.2.2.1.6";
const STORAGE_TYPE = "1.3.6.1.2.1.25.2.3.1.2";
const STORAGE_SIZE = "1.3.6.1.2.1.25.2.3.1.5";
const OR_ID = "1.3.6.1.2.1.1.9.1.2";
const STEADY = [IF_DESCR, IF_TYPE, IF_MAC, STORAGE_TYPE, STORAGE_SIZE, OR_ID];

/** What net-snmp's own tool says: OID to value, in plain numbers and hex. */
function snmpbulkwalk(root: string): Map<string, string> {
  const { stdout } = Bun.spawnSync({
    cmd: ["snmpbulkwalk", "-v2c", "-c", COMMUNITY, "-OnUeQx", `127.0.0.1:${agent.port}`, root],
    env: { ...process.env, MIBS: "" },
  });
  const lines = stdout.toString().split("\n").filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [name = "", value = ""] = line.split(" = ");
      return [name.slice(1), value.trim()];
    }),
  );
}

function asTool(walked: Walked, columns: string[]): Map<string, string> {
  const { cells } = walked;
  return new Map(
    columns.flatMap((column, number) =>
      Array.from({ length: cells.length(number) }, (_, place) => {
        const cell = cells.cell(number, place);
        const isText = cells.tag(cell) === 0x04;
        const hex = Array.from(cells.bytes(cell), (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
        const value = isText
          ? `"${hex}${hex === "" ? "" : " "}"`
          : cells.tag(cell) === 0x06
            ? `.${cells.text(cell)}`
            : cells.text(cell);
        return [`${column}.${cells.indexText(cell)}`, value] as const;
      }),
    ),
  );
}

async function walk(credential?: SnmpCredential): Promise<Walked> {
  const target = agent.target(credential ? { credential } : {});
  const outcome = await engine.walkColumns(target, { columns: STEADY.map(oid) });
  if (outcome.kind !== "ok") throw new Error(outcome.message);
  return outcome;
}

test("values of a v2c walk equal those of snmpbulkwalk", async () => {
  const walked = await walk();
  const tool = new Map(STEADY.flatMap((column) => [...snmpbulkwalk(column)]));
  expect(tool.size).toBeGreaterThan(20);
  expect(asTool(walked, STEADY)).toEqual(tool);
});

test("SNMPv1 reads the same by GETNEXT", async () => {
  const walked = await walk({ name: "old", version: "v1", community: COMMUNITY });
  expect(asTool(walked, STEADY)).toEqual(asTool(await walk(), STEADY));
});

for (const [i, [authProtocol, privProtocol]] of PAIRS.entries())
  test(`SNMPv3 reads the same with ${authProtocol} and ${privProtocol}`, async () => {
    const user = users[i] as SnmpdUser;
    const walked = await walk({ ...user, name: user.user, version: "v3", contextName: "" });
    expect(asTool(walked, STEADY)).toEqual(asTool(await walk(), STEADY));
  });

test("GET answers each OID, and leaves out what the agent lacks", async () => {
  const outcome = await engine.get(agent.target(), [oid("1.3.6.1.2.1.1.5.0"), oid("1.3.6.1.2.1.1.99.0")]);
  if (outcome.kind !== "ok") throw new Error(outcome.message);
  expect(outcome.cells.text(outcome.cells.cell(0, 0))).toBe("real-agent");
  expect(outcome.cells.length(1)).toBe(0);
});

const strong: SnmpCredential = {
  name: "ops",
  version: "v3",
  user: "u-sha256-aes128",
  authProtocol: "sha256",
  authPassword: "correct horse",
  privProtocol: "aes128",
  privPassword: "battery staple",
  contextName: "",
};
const quick = { timeoutMs: 300, retries: 1 };

async function failure(credential: SnmpCredential): Promise<string> {
  const outcome = await engine.get(agent.target({ credential, ...quick }), [oid("1.3.6.1.2.1.1.3.0")]);
  return outcome.kind === "ok" ? "ok" : `${outcome.kind}: ${outcome.message}`;
}

test("a wrong community is a time-out that names the credential and not the secret", async () => {
  const message = await failure({ name: "lab", version: "v2c", community: "wrong-secret" });
  expect(message).toStartWith("timeout: device real (127.0.0.1:");
  expect(message).toContain('the community of credential "lab" is wrong');
  expect(message).not.toContain("wrong-secret");
});

test("what is wrong with an SNMPv3 user is told apart", async () => {
  expect(await failure({ ...strong, user: "nobody" })).toContain('does not know user "nobody"');
  expect(await failure({ ...strong, authPassword: "wrong password" })).toContain("its password or protocol differs");
  const privacy = await failure({ ...strong, privPassword: "wrong password" });
  expect(privacy).toStartWith("unauthenticated: ");
  expect(privacy).toContain('user "u-sha256-aes128"');
  expect(await failure({ ...strong, privProtocol: "none" })).toContain("its security level is too low");
});

test("a port without an agent is refused, not silent", async () => {
  const before = engine.counters.refused;
  const target = agent.target({ port: 1, ...quick });
  const outcome = await engine.walkColumns(target, { columns: [oid(IF_DESCR)] });
  expect(outcome.kind).toBe("refused");
  expect(engine.counters.refused).toBe(before + 1);
});

test("hosts that refuse cost the others nothing", async () => {
  const dead = Array.from({ length: 20 }, (_, i) => agent.target({ port: i + 2, ...quick }));
  const asked = [...dead, ...Array.from({ length: 20 }, () => agent.target(quick))].map((target) =>
    engine.get(target, [oid("1.3.6.1.2.1.1.3.0")]),
  );
  const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
  expect(kinds.slice(20)).toEqual(Array.from({ length: 20 }, () => "ok"));
});

test("an agent that restarts with a new clock is found again within the same question", async () => {
  const first = await startSnmpd({ users });
  const target = first.target({ credential: strong });
  const ask = () => engine.get(target, [oid("1.3.6.1.2.1.1.5.0")]);
  expect((await ask()).kind).toBe("ok");
  await first.stop();
  // A folder of its own: another engine id, boots counted from one.
  const second = await startSnmpd({ users, port: first.port });
  expect((await ask()).kind).toBe("ok");
  await second.stop();
});

const SAME_ENGINE = ["engineID watchpost-twin"];

/** net-snmp believes its boots only beside the engine id they were counted under. */
const EIGHTH_BOOT = [
  ...SAME_ENGINE,
  "engineBoots 7",
  `oldEngineID 0x80001f8804${Buffer.from("watchpost-twin").toString("hex")}`,
];

test("agents that share an engine id keep clocks of their own", async () => {
  const twins = await Promise.all([1, 2].map(() => startSnmpd({ users, lines: SAME_ENGINE })));
  await Bun.sleep(1_100);
  const third = await startSnmpd({ users, lines: EIGHTH_BOOT });
  const before = engine.counters.resyncs;
  for (let round = 0; round < 3; round++)
    for (const twin of [...twins, third]) {
      const outcome = await engine.get(twin.target({ credential: strong }), [oid("1.3.6.1.2.1.1.5.0")]);
      expect(outcome.kind).toBe("ok");
    }
  expect(engine.counters.resyncs).toBe(before);
  await Promise.all([...twins, third].map((twin) => twin.stop()));
});

test("an agent whose boots went backwards is believed again within the same question", async () => {
  const first = await startSnmpd({ users, lines: EIGHTH_BOOT });
  const target = first.target({ credential: strong });
  const ask = async () => (await engine.get(target, [oid("1.3.6.1.2.1.1.5.0")])).kind;
  expect(await ask()).toBe("ok");
  await first.stop();
  const second = await startSnmpd({ users, lines: SAME_ENGINE, port: first.port });
  const before = engine.counters.resyncs;
  expect(await ask()).toBe("ok");
  expect(engine.counters.resyncs).toBe(before + 1);
  await second.stop();
});

test("an engine that is closed ends what is under way", async () => {
  const other = createSnmpEngine();
  const asked = other.get(agent.target({ credential: { name: "x", version: "v2c", community: "silence" } }), [
    oid("1.3.6.1.2.1.1.3.0"),
  ]);
  other.close();
  expect((await asked).kind).toBe("closed");
  expect((await other.get(agent.target(), [oid("1.3.6.1.2.1.1.3.0")])).kind).toBe("closed");
});
