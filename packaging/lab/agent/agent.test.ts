import { afterAll, describe, expect, test } from "bun:test";
import {
  Agent,
  type AgentSocket,
  bindAgent,
  MibBuilder,
  type PrivProtocol,
  type UserCredential,
  value,
} from "./index.ts";
import type { AuthProtocol } from "./index.ts";

const ENGINE_ID = Uint8Array.fromHex("8000000903020304050607");
const bootedAtMs = Date.now() - 100_000;
const AUTH: AuthProtocol[] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
const sockets: AgentSocket[] = [];
afterAll(() => {
  for (const socket of sockets) socket.close();
});

function sampleMib() {
  const builder = new MibBuilder();
  builder.scalar("1.3.6.1.2.1.1.1", value.octets("a test agent"));
  builder.scalar("1.3.6.1.2.1.1.2", value.objectId("1.3.6.1.4.1.9.1.4294967295"));
  builder.scalar(
    "1.3.6.1.2.1.1.3",
    value.timeTicks((nowMs) => (nowMs - bootedAtMs) / 10),
  );
  for (let index = 1; index <= 300; index += 1) {
    builder.row("1.3.6.1.2.1.2.2.1", [index], { 2: value.octets(`port ${index}`), 8: value.integer(-index) });
    builder.row("1.3.6.1.2.1.31.1.1.1", [index], {
      6: value.counter64(() => 18_446_744_073_709_551_000n + BigInt(index)),
    });
  }
  builder.cell(
    "1.3.6.1.4.1.9999.1",
    [70_000, 4_294_967_295],
    value.gauge32(() => 4_294_967_295),
  );
  builder.cell("1.3.6.1.4.1.9999.2", [1], value.octets("x".repeat(1_200)));
  return builder.build();
}

const mib = sampleMib();

async function agentFor(
  users: UserCredential[],
  boots = () => 7,
  messageBytesMax = 1_472,
): Promise<AgentSocket & { agent: Agent }> {
  const agent = new Agent({
    mib: () => mib,
    clock: Date.now,
    users,
    messageBytesMax,
    communities: [
      { version: "v1", community: "one" },
      { version: "v2c", community: "two" },
    ],
    engine: { id: ENGINE_ID, boots, time: (nowMs) => Math.floor((nowMs - bootedAtMs) / 1000) },
  });
  const socket = await bindAgent(agent, { address: "127.0.0.1", port: 0 });
  sockets.push(socket);
  return { ...socket, agent };
}

async function snmp(tool: string, flags: string[], socket: AgentSocket, ...oids: string[]): Promise<string> {
  const argv = [tool, "-On", "-r0", "-t2", ...flags, `127.0.0.1:${socket.port}`, ...oids];
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "pipe", env: { ...process.env, MIBS: "" } });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return `${out}${err}`.trim();
}

const V2C = ["-v2c", "-ctwo"];
const V1 = ["-v1", "-cone"];

describe("v1 and v2c, asked by net-snmp", () => {
  test("a walk yields every object once, in order", async () => {
    const socket = await agentFor([]);
    for (const tool of ["snmpwalk", "snmpbulkwalk"]) {
      const lines = (await snmp(tool, V2C, socket, ".1")).split("\n");
      expect(lines).toHaveLength(mib.size + 1);
      expect(lines.at(-1)).toContain("No more variables left in this MIB View");
      expect(lines).toContain(".1.3.6.1.2.1.2.2.1.8.300 = INTEGER: -300");
      expect(lines).toContain(".1.3.6.1.2.1.31.1.1.1.6.300 = Counter64: 18446744073709551300");
      expect(lines).toContain(".1.3.6.1.4.1.9999.1.70000.4294967295 = Gauge32: 4294967295");
    }
  });

  test("v1 walks over Counter64 and says noSuchName for what it lacks", async () => {
    const socket = await agentFor([]);
    expect(await snmp("snmpwalk", V1, socket, ".1.3.6.1.2.1.31")).not.toContain("Counter64");
    expect(await snmp("snmpget", V1, socket, ".1.3.6.1.2.1.31.1.1.1.6.1")).toContain("noSuchName");
    expect(await snmp("snmpget", V1, socket, ".1.3.6.1.2.1.2.2.1.8.3")).toContain("INTEGER: -3");
  });

  test("v2c tells an absent instance from an absent object", async () => {
    const socket = await agentFor([]);
    expect(await snmp("snmpget", V2C, socket, ".1.3.6.1.2.1.2.2.1.8.301")).toContain("No Such Instance");
    expect(await snmp("snmpget", V2C, socket, ".1.3.6.1.2.1.2.2.1.9.1")).toContain("No Such Object");
  });

  test("an answer above the message size is tooBig, a bulk answer is cut short", async () => {
    const socket = await agentFor([], () => 7, 800);
    expect(await snmp("snmpget", V2C, socket, ".1.3.6.1.4.1.9999.2.1")).toContain("tooBig");
    const bulk = await snmp("snmpbulkget", [...V2C, "-Cr500"], socket, ".1.3.6.1.2.1.2.2.1.2");
    expect(bulk.split("\n").length).toBeGreaterThan(15);
    expect(bulk.split("\n").length).toBeLessThan(50);
  });

  test("a wrong community gets no answer and a SET is refused", async () => {
    const socket = await agentFor([]);
    expect(await snmp("snmpget", ["-v2c", "-cthree", "-t0.3"], socket, ".1.3.6.1.2.1.1.1.0")).toContain("Timeout");
    expect(await snmp("snmpset", V2C, socket, ".1.3.6.1.2.1.1.1.0", "s", "x")).toContain("notWritable");
    expect(await snmp("snmpset", V1, socket, ".1.3.6.1.2.1.1.1.0", "s", "x")).toContain("noSuchName");
  });
});

const NET_SNMP_PRIV: [PrivProtocol, string][] = [
  ["des", "DES"],
  ["aes128", "AES"],
  ["aes192", "AES-192"],
  ["aes256", "AES-256"],
  ["aes192c", "AES-192-C"],
  ["aes256c", "AES-256-C"],
];

function authName(protocol: AuthProtocol): string {
  return protocol === "md5" ? "MD5" : protocol === "sha1" ? "SHA" : `SHA-${protocol.slice(3)}`;
}

describe("v3, asked by net-snmp", () => {
  test("answers every pair of authentication and privacy protocol", async () => {
    const pairs = AUTH.flatMap((auth) => NET_SNMP_PRIV.map(([priv, privName]) => ({ auth, priv, privName })));
    const socket = await agentFor(
      pairs.map(({ auth, priv }) => ({
        user: `${auth}-${priv}`,
        authProtocol: auth,
        authPassword: "auth-password",
        privProtocol: priv,
        privPassword: "priv-password",
      })),
    );
    for (const { auth, priv, privName } of pairs) {
      const flags = ["-v3", "-lauthPriv", `-u${auth}-${priv}`, `-a${authName(auth)}`, "-Aauth-password"];
      const answer = await snmp(
        "snmpget",
        [...flags, `-x${privName}`, "-Xpriv-password"],
        socket,
        ".1.3.6.1.2.1.1.1.0",
      );
      expect(`${auth} ${priv}: ${answer}`).toContain("a test agent");
    }
  });

  test("answers authNoPriv and noAuthNoPriv, and refuses a level below the user's", async () => {
    const socket = await agentFor([
      { user: "open", authProtocol: "none", privProtocol: "none" },
      { user: "signed", authProtocol: "sha256", authPassword: "auth-password", privProtocol: "none" },
    ]);
    const open = ["-v3", "-lnoAuthNoPriv", "-uopen"];
    const signed = ["-v3", "-lauthNoPriv", "-usigned", "-aSHA-256", "-Aauth-password"];
    expect(await snmp("snmpget", open, socket, ".1.3.6.1.2.1.1.1.0")).toContain("a test agent");
    expect((await snmp("snmpbulkwalk", signed, socket, ".1")).split("\n")).toHaveLength(mib.size + 1);
    expect(await snmp("snmpget", ["-v3", "-lnoAuthNoPriv", "-usigned"], socket, ".1.3.6.1.2.1.1.1.0")).toContain(
      "authorizationError",
    );
  });

  test("says by report what is wrong with a request", async () => {
    const socket = await agentFor([
      { user: "signed", authProtocol: "sha256", authPassword: "auth-password", privProtocol: "none" },
    ]);
    const get = (flags: string[]) => snmp("snmpget", ["-v3", "-t0.5", ...flags], socket, ".1.3.6.1.2.1.1.1.0");
    expect(await get(["-lnoAuthNoPriv", "-unobody"])).toContain("Unknown user name");
    expect(await get(["-lauthNoPriv", "-usigned", "-aSHA-256", "-Awrong-password"])).toContain(
      "Authentication failure",
    );
    const priv = ["-lauthPriv", "-usigned", "-aSHA-256", "-Aauth-password", "-xAES", "-Xpriv-password"];
    expect(await get(priv)).toContain("Unsupported security level");
  });

  test("a wrong privacy protocol is a decryption error where it can be told, a wrong privacy password is silence", async () => {
    const user = {
      user: "sealed",
      authProtocol: "sha1",
      authPassword: "auth-password",
      privPassword: "priv-password",
    } as const;
    const socket = await agentFor([{ ...user, privProtocol: "des" }]);
    const flags = ["-v3", "-t0.5", "-lauthPriv", "-usealed", "-aSHA", "-Aauth-password"];
    const asked = async (flag: string, password: string, oid: string) =>
      await snmp("snmpget", [...flags, `-x${flag}`, `-X${password}`], socket, oid);
    // DES needs whole blocks of eight bytes; AES does not, so at least one of two lengths gives it away.
    const answers = [
      await asked("AES", "priv-password", ".1.3.6.1.2.1.1.1.0"),
      await asked("AES", "priv-password", ".1.3.6.1.2.1.1.1.0.1"),
    ];
    expect(answers.join("\n")).toContain("Decryption error");
    expect(await asked("DES", "wrong-password", ".1.3.6.1.2.1.1.1.0")).toContain("Timeout");
    expect(await asked("DES", "priv-password", ".1.3.6.1.2.1.1.1.0")).toContain("a test agent");
  });

  test("a manager with an outdated clock is told the time and gets its answer", async () => {
    let boots = 7;
    const socket = await agentFor(
      [{ user: "signed", authProtocol: "sha1", authPassword: "auth-password", privProtocol: "none" }],
      () => boots,
    );
    const flags = [
      "-v3",
      "-lauthNoPriv",
      "-usigned",
      "-aSHA",
      "-Aauth-password",
      "-e",
      Buffer.from(ENGINE_ID).toString("hex"),
    ];
    expect(await snmp("snmpget", [...flags, "-Z7,50000"], socket, ".1.3.6.1.2.1.1.1.0")).toContain("a test agent");
    expect(socket.agent.stats.get("notInTimeWindows")).toBe(1);
    boots = 8;
    expect(await snmp("snmpget", flags, socket, ".1.3.6.1.2.1.1.1.0")).toContain("a test agent");
  });
});

test("survives malformed datagrams and keeps answering", async () => {
  const agent = new Agent({ mib: () => mib, clock: Date.now, communities: [{ version: "v2c", community: "two" }] });
  const request = Uint8Array.fromHex(
    "302502010104037477 6fa01b0201010201000201003010300e060a2b060102010101000500".replaceAll(" ", ""),
  );
  for (let cut = 0; cut < request.length; cut += 1) expect(agent.handle(request.subarray(0, cut))).toBeUndefined();
  for (let at = 0; at < request.length; at += 1) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const damaged = Uint8Array.from(request);
      damaged[at] = (damaged[at] ?? 0) ^ flip;
      agent.handle(damaged);
    }
  }
  expect(agent.counts.malformed).toBeGreaterThan(request.length);
});
