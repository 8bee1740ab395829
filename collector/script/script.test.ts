import { afterEach, beforeEach, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  OutputStream,
  ScriptOrderSchema,
  ScriptOutcome,
  type ScriptOutput,
  type ScriptResult,
  type SignedOrder,
  SignedOrderSchema,
  ScriptSchema,
} from "@watchpost/proto";
import { orderSigningInput } from "@watchpost/proto/script";
import { pino } from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { createScriptRunner, type ScriptRunner, type ScriptRunnerOptions } from "./index.ts";

const NOW_MS = 1_800_000_000_000;
const CLOSED = { type: "object", additionalProperties: false, properties: {} };
const ALLOWED = ["show", "other"];

let key: { keyId: string; publicKey: Uint8Array; secret: KeyObject };
let outputs: ScriptOutput[];
let results: ScriptResult[];
let runners: ScriptRunner[];
let connected: boolean;

beforeEach(() => {
  const pair = generateKeyPairSync("ed25519");
  const { x } = pair.publicKey.export({ format: "jwk" });
  key = { keyId: "0123456789abcdef", publicKey: Buffer.from(x ?? "", "base64url"), secret: pair.privateKey };
  [outputs, results, runners, connected] = [[], [], [], true];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
});

function startRunner(more: Partial<ScriptRunnerOptions> = {}): ScriptRunner & { dir: string } {
  const dir = more.dir ?? scratchDir("script");
  const devices: Record<string, string> = { "core-sw1": "127.1.0.1", "core-sw2": "127.1.0.2" };
  const runner = createScriptRunner({
    identity: { site: "harbor", collectorId: "c1" },
    trust: () => ({ signingKeys: [{ $typeName: "watchpost.v1.SigningKey", ...key }] }),
    config: () => ({ enabled: true, allow: ALLOWED }),
    dir,
    clock: { nowMs: () => NOW_MS },
    hubOffsetMs: () => 0,
    log: pino({ level: "silent" }),
    uplink: {
      output: (output) => (connected ? outputs.push(output) > 0 : false),
      result: (result) => (connected ? results.push(result) > 0 : false),
    },
    deviceAddress: (name) => devices[name],
    ...more,
  });
  runners.push(runner);
  return { ...runner, dir };
}

type Order = MessageInitShape<typeof ScriptOrderSchema>;
type Script = MessageInitShape<typeof ScriptSchema>;

/** An order as the hub would sign it; the script is given as shell text only because tests read well that way. */
function order(shell: string, more: Order = {}, script: Script = {}): SignedOrder {
  const message = create(ScriptOrderSchema, {
    executionId: Bun.randomUUIDv7(),
    nonce: randomBytes(16),
    site: "harbor",
    collectorId: "c1",
    parametersJson: "{}",
    targets: [],
    issuedAtMs: BigInt(NOW_MS - 1_000),
    expiresAtMs: BigInt(NOW_MS + 599_000),
    ...more,
    script: create(ScriptSchema, {
      name: "show",
      version: 1,
      argv: ["/bin/sh", "-c", shell],
      parameterSchemaJson: JSON.stringify(CLOSED),
      timeoutMs: 10_000,
      outputBytesMax: 65_536,
      ...script,
    }),
  });
  const bytes = toBinary(ScriptOrderSchema, message);
  const signature = sign(null, orderSigningInput(bytes), key.secret);
  return create(SignedOrderSchema, { order: bytes, signature, keyId: key.keyId });
}

async function until(condition: () => boolean, timeoutMs = 8_000): Promise<void> {
  for (let waitedMs = 0; !condition() && waitedMs < timeoutMs; waitedMs += 10) await Bun.sleep(10);
  expect(condition()).toBe(true);
}

const text = (name = OutputStream.STDOUT) =>
  Buffer.concat(outputs.filter((output) => output.stream === name).map((output) => output.chunk)).toString();
/** A killed process stays in /proc as a zombie until its new parent collects it. */
const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
const onDevice = (device: string) => order("sleep 0.3", { targets: [device] });

test("an approved order runs its argv and tells output and exit code", async () => {
  const runner = startRunner();
  expect(runner.handleOrder(order("echo out; echo err >&2; exit 3")).kind).toBe("accepted");
  await until(() => results.length === 1);
  expect(results[0]).toMatchObject({ outcome: ScriptOutcome.FINISHED, exitCode: 3, chunks: 2, truncated: false });
  expect([text(), text(OutputStream.STDERR)]).toEqual(["out\n", "err\n"]);
  expect(outputs.map((output) => output.index)).toEqual([0, 1]);
});

test("an order changed by one byte is refused, whichever byte it is", () => {
  const runner = startRunner();
  const signed = order("echo ran");
  for (let at = 0; at < signed.order.length; at += 7) {
    const bytes = Uint8Array.from(signed.order);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(runner.handleOrder({ ...signed, order: bytes })).toMatchObject({ kind: "refused", code: "signature" });
  }
  expect(runner.handleOrder({ ...signed, keyId: "ffffffffffffffff" })).toMatchObject({ code: "signature" });
  expect(runner.handleOrder({ ...signed, signature: new Uint8Array(3) })).toMatchObject({ code: "signature" });
  expect(readdirSync(join(runner.dir, "runs"))).toEqual([]);
});

test("an order is accepted once, also after a restart", async () => {
  const runner = startRunner();
  const signed = order("echo ran");
  expect(runner.handleOrder(signed).kind).toBe("accepted");
  expect(runner.handleOrder(signed)).toMatchObject({ kind: "refused", code: "replayed" });
  await until(() => results.length === 1);
  expect(results[0]?.outcome).toBe(ScriptOutcome.FINISHED);
  await runner.stop();
  runners.pop();
  expect(startRunner({ dir: runner.dir }).handleOrder(signed)).toMatchObject({ code: "replayed" });
});

test("a nonce under another execution id is refused and told to the hub", async () => {
  const runner = startRunner();
  const nonce = randomBytes(16);
  runner.handleOrder(order("true", { nonce }));
  const executionId = Bun.randomUUIDv7();
  expect(runner.handleOrder(order("true", { nonce, executionId }))).toMatchObject({ code: "replayed" });
  expect(results.find((result) => result.executionId === executionId)).toMatchObject({ reasonCode: "replayed" });
  await until(() => results.length === 2);
});

test.each<[string, string, Order, Script]>([
  ["expired", "it is past its time", { expiresAtMs: BigInt(NOW_MS) }, {}],
  ["expired", "it would live longer than ten minutes", { expiresAtMs: BigInt(NOW_MS + 600_001) }, {}],
  ["wrong-site", "it is for another site", { site: "airport" }, {}],
  ["wrong-site", "it is for another collector", { collectorId: "c2" }, {}],
  ["not-allowed", "its script is not on the allowlist", {}, { name: "reboot" }],
  ["target", "its device is not configured here", { targets: ["core-sw9"] }, {}],
  ["parameters", "a parameter is unknown to the schema", { parametersJson: '{"x":1}' }, {}],
  ["parameters", "its parameters are not an object", { parametersJson: "[]" }, {}],
  ["parameters", "its schema is loose", {}, { parameterSchemaJson: "{}" }],
  ["replayed", "its nonce is too short", { nonce: new Uint8Array(4) }, {}],
])("an order is refused as %s when %s", (code, _why, more, script) => {
  const runner = startRunner();
  const decision = runner.handleOrder(order("echo ran", more, script));
  expect(decision).toMatchObject({ kind: "refused", code });
  expect(results).toMatchObject([{ outcome: ScriptOutcome.REFUSED, reasonCode: code }]);
  expect(results[0]?.reason.length).toBeGreaterThan(10);
});

test("nothing runs while scripts are off", () => {
  const runner = startRunner({ config: () => ({ enabled: false, allow: ALLOWED }) });
  expect(runner.handleOrder(order("echo ran"))).toMatchObject({ code: "disabled" });
});

test("expiry goes by the hub's clock, not the site's", () => {
  const ahead = startRunner({ clock: { nowMs: () => NOW_MS + 3_600_000 }, hubOffsetMs: () => -3_600_000 });
  expect(ahead.handleOrder(order("true")).kind).toBe("accepted");
  const behind = startRunner({ clock: { nowMs: () => NOW_MS - 3_600_000 }, hubOffsetMs: () => 4_600_000 });
  expect(behind.handleOrder(order("true"))).toMatchObject({ code: "expired" });
});

test("the time-out ends the program and its grandchildren, even those that ignore SIGTERM", async () => {
  const runner = startRunner();
  const shell = "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; sleep 60";
  runner.handleOrder(order(shell, {}, { timeoutMs: 300 }));
  await until(() => results.length === 1);
  expect(results[0]).toMatchObject({ outcome: ScriptOutcome.TIMED_OUT, reason: expect.stringContaining("300 ms") });
  const grandchild = Number(text());
  expect(grandchild).toBeGreaterThan(1);
  await until(() => !isAlive(grandchild));
});

test("what a script leaves in the background ends with it", async () => {
  const runner = startRunner();
  runner.handleOrder(order("sleep 60 & echo $!"));
  await until(() => results.length === 1);
  expect(results[0]?.outcome).toBe(ScriptOutcome.FINISHED);
  await until(() => !isAlive(Number(text())));
});

test("output stops at its cap, says so, and the script still ends by itself", async () => {
  const runner = startRunner();
  runner.handleOrder(order("head -c 300000 /dev/zero; exit 5", {}, { outputBytesMax: 50_000 }));
  await until(() => results.length === 1);
  expect(results[0]).toMatchObject({ outcome: ScriptOutcome.FINISHED, exitCode: 5, truncated: true });
  expect(outputs.reduce((sum, output) => sum + output.chunk.length, 0)).toBe(50_000);
  expect(Math.max(...outputs.map((output) => output.chunk.length))).toBeLessThanOrEqual(16_384);
  expect(results[0]?.chunks).toBe(outputs.length);
});

test("output is sent while the script runs", async () => {
  const runner = startRunner();
  runner.handleOrder(order("echo first; sleep 30"));
  await until(() => text() === "first\n", 1_000);
  expect(results).toEqual([]);
});

test("a parameter stays one argument and never meets a shell", async () => {
  const runner = startRunner();
  const schema = {
    type: "object",
    additionalProperties: false,
    required: ["host"],
    properties: { host: { type: "string" } },
  };
  const script = { argv: ["/usr/bin/printf", "[%s]", "{{host}}", "end"], parameterSchemaJson: JSON.stringify(schema) };
  const host = "$(touch /tmp/x) `id`; a\nb {{body}} '\"";
  runner.handleOrder(order("", { parametersJson: JSON.stringify({ host }) }, script));
  await until(() => results.length === 1);
  expect(text()).toBe(`[${host}][end]`);
  const dash = order("", { parametersJson: '{"host":"--version"}' }, script);
  expect(runner.handleOrder(dash)).toMatchObject({ code: "parameters", reason: expect.stringContaining("dash") });
});

test("a run has an empty folder, closed stdin, no inherited environment, its body as a file, its target's address", async () => {
  process.env["WATCHPOST_SECRET_OF_TEST"] = "leak";
  const runner = startRunner();
  const body = 'ls -A; cat; env | grep -c SECRET; echo "$1"';
  const argv = ["/bin/sh", "{{body}}", "{{target.address}}"];
  runner.handleOrder(order("", { targets: ["core-sw1"] }, { argv, body }));
  await until(() => results.length === 1);
  delete process.env["WATCHPOST_SECRET_OF_TEST"];
  expect(text()).toBe("0\n127.1.0.1\n");
  expect(readdirSync(join(runner.dir, "runs"))).toEqual([]);
});

test("a program that is not there is told as such", async () => {
  startRunner().handleOrder(order("", {}, { argv: ["/no/such/program"] }));
  await until(() => results.length === 1);
  expect(results[0]).toMatchObject({
    outcome: ScriptOutcome.FAILED_TO_START,
    reason: expect.stringContaining("/no/such"),
  });
});

test("a result is given again until the hub has it, with its output, also after a restart", async () => {
  connected = false;
  const runner = startRunner();
  runner.handleOrder(order("echo kept"));
  await until(() => readdirSync(join(runner.dir, "runs")).length === 0);
  await runner.stop();
  runners.pop();
  connected = true;
  const next = startRunner({ dir: runner.dir });
  next.resend();
  next.resend();
  expect([results.length, text()]).toEqual([2, "kept\nkept\n"]);
  next.resultAcked(results[0]?.executionId ?? "");
  expect(next.pendingResults()).toEqual([]);
});

test("a result waits until the link has taken all output, chunk after chunk in order", async () => {
  let room = 0;
  const taken: number[] = [];
  const uplink: ScriptRunnerOptions["uplink"] = {
    output: (output) => room-- > 0 && taken.push(output.index) > 0,
    result: (result) => results.push(result) > 0,
  };
  const runner = startRunner({ uplink });
  runner.handleOrder(order("head -c 100000 /dev/zero"));
  await until(() => readdirSync(join(runner.dir, "runs")).length === 0);
  await Bun.sleep(100);
  expect([taken, results]).toEqual([[], []]);
  room = 3;
  expect(runner.pendingResults()).toEqual([]);
  room = 100;
  const [result] = runner.pendingResults();
  expect(taken).toEqual(Array.from({ length: result?.chunks ?? 0 }, (_, i) => i));
  expect(taken.length).toBeGreaterThan(3);
});

test("a run that the collector's end cut off is reported as interrupted, and nothing of it lives on", async () => {
  const dir = scratchDir("script");
  const program = fileURLToPath(new URL("./crash.fixture.ts", import.meta.url));
  const signed = order("sleep 61", { targets: ["core-sw1"] });
  const child = Bun.spawn([process.execPath, program, dir, Buffer.from(signed.order).toString("base64")], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const pid = Number(await new Response(child.stdout).text());
  await child.exited;
  expect(isAlive(pid)).toBe(true);
  const runner = startRunner({ dir });
  expect(runner.pendingResults()).toMatchObject([{ outcome: ScriptOutcome.INTERRUPTED }]);
  await until(() => !isAlive(pid));
});

test("one script at a time on a device, others meanwhile, and the queue has an end", async () => {
  const runner = startRunner();
  runner.handleOrder(onDevice("core-sw1"));
  runner.handleOrder(onDevice("core-sw1"));
  runner.handleOrder(onDevice("core-sw2"));
  await until(() => results.length === 2);
  const targetsFirst = results.length;
  await until(() => results.length === 3);
  expect(targetsFirst).toBe(2);
  const decisions = Array.from({ length: 40 }, () => runner.handleOrder(order("sleep 5", { targets: ["core-sw1"] })));
  expect(decisions.filter((decision) => decision.kind === "accepted").length).toBe(33);
  expect(decisions.at(-1)).toMatchObject({ code: "busy" });
});

test("an order that expires while it waits for its turn does not run", async () => {
  let nowMs = NOW_MS;
  const runner = startRunner({ clock: { nowMs: () => nowMs } });
  const waiting = Bun.randomUUIDv7();
  runner.handleOrder(order("sleep 0.3", { targets: ["core-sw1"] }));
  runner.handleOrder(order("echo late", { targets: ["core-sw1"], executionId: waiting }));
  nowMs += 600_000;
  await until(() => results.length === 2);
  expect(results[1]).toMatchObject({ executionId: waiting, outcome: ScriptOutcome.REFUSED, reasonCode: "expired" });
  expect(outputs).toEqual([]);
});

test("after its stop a runner takes nothing and breaks nothing", async () => {
  const runner = startRunner();
  runner.handleOrder(order("sleep 30"));
  await runner.stop();
  expect(runner.handleOrder(order("true"))).toMatchObject({ code: "busy" });
  runner.resend();
  runner.resultAcked("x");
  expect([runner.pendingResults(), results[0]?.outcome]).toEqual([[], ScriptOutcome.INTERRUPTED]);
  runners.pop();
});

test("cancel ends a running script and takes a waiting one out", async () => {
  const runner = startRunner();
  const [first, second] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  runner.handleOrder(order("sleep 30", { targets: ["core-sw1"], executionId: first }));
  runner.handleOrder(order("sleep 30", { targets: ["core-sw1"], executionId: second }));
  runner.cancel(second);
  runner.cancel(first);
  runner.cancel("unknown");
  await until(() => results.length === 2);
  expect(results.map((result) => [result.executionId, result.outcome])).toEqual([
    [second, ScriptOutcome.CANCELLED],
    [first, ScriptOutcome.CANCELLED],
  ]);
});
