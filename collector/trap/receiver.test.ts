import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Severity } from "@watchpost/proto";
import { scratchDir } from "../../packaging/parts/index.ts";
import { openDatagrams } from "../listen/index.ts";
import { type ReceiverOptions, startReceiver } from "./receiver.fixture.ts";

const LINK_DOWN = "1.3.6.1.6.3.1.1.5.3";
const IF_INDEX = ["1.3.6.1.2.1.2.2.1.1.7", "i", "7"];
const IF_NAME = ["1.3.6.1.2.1.31.1.1.1.1.7", "s", "Te1/5"];
const SEALED = [
  "-v3",
  "-l",
  "authPriv",
  "-u",
  "sealed",
  "-a",
  "SHA-256",
  "-A",
  "battery-staple",
  "-x",
  "AES",
  "-X",
  "paper-clip-9",
];
const SIGNED = ["-v3", "-l", "authNoPriv", "-u", "signed", "-a", "SHA", "-A", "correct-horse"];
const WEAK = [
  "-v3",
  "-l",
  "authPriv",
  "-u",
  "weak",
  "-a",
  "MD5",
  "-A",
  "old-password",
  "-x",
  "DES",
  "-X",
  "older-password",
];
const PLAIN = ["-v2c", "-c", "s3cret"];

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function started(options: Partial<ReceiverOptions> = {}) {
  const running = await startReceiver({ dataDir: scratchDir("trap"), ...options });
  opened.push(() => running.stop());
  return running;
}

/** Debian's net-snmp: a sender that knows nothing of this code. */
async function send(program: "snmptrap" | "snmpinform", who: string[], port: number, what: string[]) {
  const engine = program === "snmptrap" && who[0] === "-v3" ? ["-e", "0x80001f8880aabbccdd"] : [];
  const command = [program, ...who, ...engine, "-r", "0", "-t", "3", `127.0.0.1:${port}`, ...what];
  const child = Bun.spawn(command, {
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, MIBS: "", SNMP_PERSISTENT_DIR: scratchDir("snmp") },
  });
  const said = await new Response(child.stderr).text();
  return { code: await child.exited, said };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 200; waited += 1) await Bun.sleep(25);
  expect(condition()).toBe(true);
}

for (const [name, who] of Object.entries({ PLAIN, SIGNED, SEALED, WEAK }))
  test(`a trap of ${name} becomes an event with the names of what it holds, and the device is asked`, async () => {
    const { receiver, drafts, asked } = await started();
    await send("snmptrap", who, receiver.port, ["4200", LINK_DOWN, ...IF_INDEX, ...IF_NAME]);
    await until(() => drafts.length === 1);
    expect(drafts[0]).toMatchObject({
      device: "sw1",
      object: "Te1/5",
      severity: Severity.WARNING,
      fingerprint: "trap/sw1/Te1/5/linkDown",
      summary: "sw1 Te1/5: linkDown (an interface went down)",
      attributes: { trap_oid: LINK_DOWN, uptime_seconds: "42", "ifName.7": "Te1/5", source: "127.0.0.1" },
    });
    expect(asked).toEqual(["sw1"]);
    expect(receiver.counters).toMatchObject({ received: 1, traps: 1, malformed: 0 });
  });

for (const [name, who] of Object.entries({ PLAIN, SIGNED, SEALED, WEAK }))
  test(`an inform of ${name} is acknowledged once its event is durable`, async () => {
    const durable = Promise.withResolvers<void>();
    const seen: string[] = [];
    const { receiver } = await started({ emit: (draft) => (seen.push(draft.fingerprint), durable.promise) });
    const sent = send("snmpinform", who, receiver.port, ["", LINK_DOWN, ...IF_INDEX]);
    await until(() => seen.length === 1);
    expect(receiver.counters.acknowledged).toBe(0);
    durable.resolve();
    expect(await sent).toMatchObject({ code: 0 });
    expect(receiver.counters).toMatchObject({ informs: 1, acknowledged: 1, unacknowledged: 0 });
  });

test("an inform whose event cannot be kept is left without an answer", async () => {
  const { receiver, troubles } = await started({ emit: () => Promise.reject(new Error("disk full")) });
  const { code, said } = await send("snmpinform", PLAIN, receiver.port, ["", LINK_DOWN]);
  expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("Timeout") });
  expect(receiver.counters).toMatchObject({ acknowledged: 0, unacknowledged: 1 });
  expect(troubles).toEqual(["Error: disk full"]);
});

test("a v1 trap names its agent, and an enterprise trap its number", async () => {
  const devices = [{ name: "ups1", address: "127.9.9.9" }];
  const { receiver, drafts } = await started({ devices });
  const ups = ["1.3.6.1.2.1.33.2", "127.9.9.9", "6", "1", "4200"];
  await send("snmptrap", ["-v1", "-c", "private-v1"], receiver.port, ups);
  await until(() => drafts.length === 1);
  expect(drafts[0]).toMatchObject({
    device: "ups1",
    severity: Severity.ERROR,
    attributes: { trap: "upsTrapOnBattery", trap_oid: "1.3.6.1.2.1.33.2.0.1", version: "v1", source: "127.9.9.9" },
  });
});

test("a stranger's trap is counted, named once and told as a note", async () => {
  const { receiver, drafts, troubles, sources, asked } = await started({
    devices: [{ name: "far", address: "192.0.2.1" }],
  });
  await send("snmptrap", PLAIN, receiver.port, ["", LINK_DOWN, ...IF_INDEX]);
  await send("snmptrap", PLAIN, receiver.port, ["", LINK_DOWN, ...IF_INDEX]);
  await until(() => receiver.counters.traps === 2);
  expect(drafts).toMatchObject([{ device: "", object: "127.0.0.1", severity: Severity.INFO }]);
  expect(troubles).toEqual([expect.stringContaining("127.0.0.1 sends SNMP traps and is no configured device")]);
  expect(sources.unknown()).toEqual([{ address: "127.0.0.1", messages: 2 }]);
  expect(asked).toEqual([]);
});

test("wrong communities, users and passwords are counted apart and told nothing", async () => {
  const { receiver, drafts } = await started();
  await send("snmptrap", ["-v2c", "-c", "guess"], receiver.port, ["", LINK_DOWN]);
  await send("snmptrap", [...SIGNED.slice(0, -1), "wrong-password"], receiver.port, ["", LINK_DOWN]);
  await send("snmptrap", SIGNED.with(4, "nobody"), receiver.port, ["", LINK_DOWN]);
  const lower = ["-v3", "-l", "noAuthNoPriv", "-u", "sealed"];
  await send("snmptrap", lower, receiver.port, ["", LINK_DOWN]);
  await until(() => receiver.counters.received === 4);
  expect(receiver.counters).toMatchObject({ unknownCommunity: 1, unauthentic: 3, traps: 0 });
  expect(drafts).toEqual([]);
  const { code, said } = await send("snmpinform", [...SEALED.slice(0, -1), "wrong-privacy"], receiver.port, [
    "",
    LINK_DOWN,
  ]);
  expect(code).toBe(1);
  expect(said.toLowerCase()).toMatch(/decrypt|timeout/);
});

test("the engine keeps its id and counts a boot with each start", async () => {
  const dataDir = scratchDir("trap");
  const read = (): { engineId: string; boots: number } =>
    JSON.parse(readFileSync(join(dataDir, "trap", "engine.json"), "utf8"));
  const first = await startReceiver({ dataDir });
  const before = read();
  await first.stop();
  const { receiver } = await started({ dataDir });
  expect(read()).toEqual({ engineId: before.engineId, boots: before.boots + 1 });
  expect(await send("snmpinform", SEALED, receiver.port, ["", LINK_DOWN])).toMatchObject({ code: 0 });
});

test("a port that is taken says what to do", async () => {
  const taken = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  opened.push(() => taken.close());
  const refusal = await openDatagrams({
    what: "SNMP traps",
    key: "traps.port",
    address: "127.0.0.1",
    port: taken.port,
    receive: () => undefined,
  }).catch(String);
  expect(refusal).toContain(
    `SNMP traps cannot be received on 127.0.0.1 port ${taken.port} (traps.port in collector.yaml): another program`,
  );
});
