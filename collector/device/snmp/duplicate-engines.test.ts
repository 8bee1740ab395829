import { afterAll, expect, test } from "bun:test";
import { Agent, bindAgent, MibBuilder, value } from "../../../packaging/lab/agent/index.ts";
import { createSnmpEngine, oid, type Target, type UserCredential } from "./index.ts";
import { startSnmpd } from "./snmpd.fixture.ts";

const AGENTS = 200;
/** Agents that were cloned with their engine id. */
const CLONES = 5;
const UPTIME = oid("1.3.6.1.2.1.1.3.0");
const DAY_S = 86_400;

const engine = createSnmpEngine();
const opened: (() => void | Promise<void>)[] = [];
afterAll(async () => {
  engine.close();
  for (const close of opened) await close();
});

/** One user name, two passwords: clones of one engine id need not share their keys. */
function user(authPassword: string): UserCredential {
  return {
    name: authPassword,
    version: "v3",
    user: "ops",
    authProtocol: "sha1",
    authPassword,
    privProtocol: "aes128",
    privPassword: authPassword,
    contextName: "",
  };
}
const PLAIN = user("maplesyrup");
const OTHER = user("pancake-stack");

const mib = new MibBuilder();
mib.scalar("1.3.6.1.2.1.1.3", value.timeTicks(4_711));
const tree = mib.build();

async function startClone(number: number) {
  const group = Math.floor(number / CLONES);
  const credential = number % CLONES === 3 ? OTHER : PLAIN;
  const password = credential.name;
  const clock = { boots: 1 + (number % 7), offsetS: (number * 7_919) % DAY_S };
  let id = Uint8Array.of(0x80, 0, 0, 9, 3, 0, 0, 0, 0, group >> 8, group & 0xff);
  const agentOf = () =>
    new Agent({
      mib: () => tree,
      clock: () => Date.now(),
      users: [
        { user: "ops", authProtocol: "sha1", authPassword: password, privProtocol: "aes128", privPassword: password },
      ],
      engine: { id, boots: () => clock.boots, time: (nowMs) => (Math.floor(nowMs / 1_000) + clock.offsetS) % 2 ** 31 },
    });
  let agent = agentOf();
  const address = `127.0.${1 + (number >> 7)}.${1 + (number & 0x7f)}`;
  const socket = await bindAgent({ handle: (bytes) => agent.handle(bytes) }, { address, port: 0 });
  opened.push(() => socket.close());
  const at = { name: `clone-${number}`, address, port: socket.port };
  const target: Target = { ...at, credential, timeoutMs: 1_000, retries: 2 };
  return {
    target,
    clock,
    /** Another device takes the address over. */
    replace: () => {
      id = Uint8Array.of(0x80, 0, 0, 9, 4, number >> 8, number & 0xff, 1);
      agent = agentOf();
    },
  };
}

async function ask(targets: readonly Target[]): Promise<string[]> {
  const outcomes = await Promise.all(targets.map((target) => engine.get(target, [UPTIME])));
  return outcomes.map((outcome) => (outcome.kind === "ok" && outcome.cells.length(0) === 1 ? "ok" : outcome.kind));
}

test("two hundred agents that share engine ids are told apart, also when boots and clocks jump and some are replaced", async () => {
  const clones = await Promise.all(Array.from({ length: AGENTS }, (_, number) => startClone(number)));
  const targets = clones.map(({ target }) => target);
  const ok = targets.map(() => "ok");
  expect(await ask(targets)).toEqual(ok);
  for (const [number, { clock, replace }] of clones.entries()) {
    if (number % 4 === 0) clock.boots = 1;
    if (number % 4 === 1) clock.offsetS += DAY_S;
    if (number % 4 === 2) clock.offsetS -= DAY_S;
    if (number % 9 === 0) clock.boots += 40;
    if (number % 20 === 7) replace();
  }
  // What was lost with the first poll, if anything, is there with the second.
  await ask(targets);
  expect(await ask(targets)).toEqual(ok);
  const timeouts = engine.counters.timeouts;
  expect(await ask(targets)).toEqual(ok);
  expect(engine.counters.timeouts).toBe(timeouts);
});

test("a wrong password at one agent says so, and leaves those of its engine id alone", async () => {
  const clones = await Promise.all([0, 1, 3].map((number) => startClone(number)));
  const wrong = clones.map(({ target }, i) => (i === 1 ? { ...target, credential: OTHER } : target));
  for (let poll = 0; poll < 2; poll += 1) expect(await ask(wrong)).toEqual(["ok", "unauthenticated", "ok"]);
});

test("real agents with one engine id and different passwords, one of which starts anew", async () => {
  const lines = ["exactEngineID 0x80001f880400deadbeef"];
  const users = [PLAIN, OTHER].map(({ authPassword = "", privPassword = "" }) => ({
    user: "ops",
    authProtocol: "sha1" as const,
    authPassword,
    privProtocol: "aes128" as const,
    privPassword,
  }));
  const [first, second] = await Promise.all(users.map((one) => startSnmpd({ users: [one], lines })));
  if (!first || !second) throw new Error("two agents were asked for");
  opened.push(() => second.stop());
  const targets = [first.target({ credential: PLAIN }), second.target({ credential: OTHER })];
  expect(await ask(targets)).toEqual(["ok", "ok"]);
  await first.stop();
  // An empty folder: it counts its boots from one again.
  const again = await startSnmpd({ users: users.slice(0, 1), lines, port: first.port });
  opened.push(() => again.stop());
  await ask(targets);
  expect(await ask(targets)).toEqual(["ok", "ok"]);
});
