import { afterEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { Severity } from "@watchpost/proto";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemTimerClock } from "../clock.ts";
import { configSchema } from "../config/index.ts";
import { createPortNames, createSources, createTeller } from "../listen/index.ts";
import type { EventDraft } from "../outbox/index.ts";
import { answered, port as portOf } from "../topology/reading.fixture.ts";
import { startSyslogReceiver } from "./index.ts";

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function started(syslog: object, address = "127.0.0.1") {
  const credentials = [{ name: "c", version: "v2c", community: "c" }];
  const devices = [{ name: "sw1", address, credential: "c" }];
  const config = configSchema.parse({
    name: "edge",
    credentials,
    devices,
    syslog: { address: "127.0.0.1", ...syslog },
  });
  const drafts: EventDraft[] = [];
  const asked: string[] = [];
  const sources = createSources();
  sources.configure(config.devices);
  const ports = createPortNames();
  const emit = (draft: EventDraft) => Promise.resolve(void drafts.push(draft));
  const teller = createTeller({ clock: systemTimerClock, emit, onError: () => undefined });
  const receiver = await startSyslogReceiver({
    config: config.syslog!,
    clock: systemTimerClock,
    sources,
    ports,
    teller,
    ask: (device) => asked.push(device),
    onTrouble: () => undefined,
  });
  opened.push(
    () => teller.stop(),
    () => receiver.stop(),
  );
  return { receiver, drafts, asked, ports };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 200; waited += 1) await Bun.sleep(25);
  expect(condition()).toBe(true);
}

async function sendUdp(port: number, lines: string[]): Promise<void> {
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  opened.push(() => socket.close());
  for (const line of lines) socket.send(line, port, "127.0.0.1");
}

test("a template is told once, what is not severe is counted, and hostile text stays text", async () => {
  const { receiver, drafts } = await started({ udpPort: 0 });
  const hostile = "<script>alert(1)</script>\u001b[31m \u202Egnp; DROP TABLE";
  await sendUdp(receiver.listening.udp!, [
    ...Array.from({ length: 50 }, (_, i) => `<11>1 - sw1 sshd ${i} - - session ${i} of 10.0.0.${i} failed`),
    "<14>1 - sw1 sshd - - - info is counted",
    `<10>1 - sw1 app - - - ${hostile}`,
  ]);
  await until(() => receiver.counters.received === 52);
  expect(drafts).toMatchObject([
    { device: "sw1", severity: Severity.WARNING, summary: "sw1 logs: sshd: session 0 of 10.0.0.0 failed" },
    { device: "sw1", severity: Severity.ERROR },
  ]);
  expect(drafts[1]?.summary).toBe("sw1 logs: app: <script>alert(1)</script> [31m  gnp; DROP TABLE");
  expect(receiver.counters).toMatchObject({ told: 51, belowLevel: 1 });
});

test("a line about an interface that polls know asks for a poll and names their problem", async () => {
  const { receiver, drafts, asked, ports } = await started({ udpPort: 0 });
  ports.learn(answered("sw1", { interfaces: [portOf("Te1/5")] }));
  await sendUdp(receiver.listening.udp!, [
    "<185>1 - sw1 LINK - UPDOWN - %LINK-3-UPDOWN: Interface TenGigabitEthernet1/5, changed state to down",
  ]);
  await until(() => drafts.length === 1);
  expect(drafts[0]).toMatchObject({
    object: "Te1/5",
    severity: Severity.WARNING,
    attributes: { problem: "interface-down/sw1/Te1/5" },
  });
  expect(asked).toEqual(["sw1"]);
});

test("behind a relay the host's own name decides, and a stranger's line is a note", async () => {
  const { receiver, drafts } = await started({ udpPort: 0 }, "192.0.2.7");
  await sendUdp(receiver.listening.udp!, ["<8>1 - sw1 app - - - first", "<8>1 - other app - - - second"]);
  await until(() => drafts.length === 2);
  expect(drafts).toMatchObject([
    { device: "sw1", severity: Severity.CRITICAL },
    { device: "", severity: Severity.INFO, object: "127.0.0.1" },
  ]);
});

test("over TCP both framings are heard, long messages are cut, and no more connections than allowed", async () => {
  const { receiver, drafts } = await started({ tcpPort: 0, connectionsMax: 1, messageBytesMax: 480 });
  const port = receiver.listening.tcp!;
  const first = connectTcp(port, "127.0.0.1");
  first.write(`22 <11>1 - sw1 a - - - xy<11>1 - sw1 b - - - line\n900 <11>1 - sw1 c - - - ${"z".repeat(880)}`);
  await until(() => receiver.counters.received === 3);
  const second = connectTcp(port, "127.0.0.1");
  second.on("error", () => undefined);
  await new Promise((resolve) => second.once("close", resolve));
  expect(receiver.counters).toMatchObject({ connections: 1, refusedConnections: 1, cut: 1 });
  expect(drafts.map((draft) => draft.attributes["app"])).toEqual(["a", "b", "c"]);
  first.end();
  await until(() => receiver.counters.connections === 0);
});

test("over TLS only senders with a certificate of the authority are heard", async () => {
  const dir = scratchDir("syslog-tls");
  const file = (name: string) => join(dir, name);
  for (const name of ["server", "sender"])
    Bun.spawnSync([
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "1",
      "-keyout",
      file(`${name}.key`),
      "-out",
      file(`${name}.crt`),
      "-subj",
      `/CN=${name}`,
      "-addext",
      "subjectAltName=DNS:localhost",
    ]);
  const tls = {
    port: 0,
    certificateFile: file("server.crt"),
    keyFile: file("server.key"),
    clientCaFile: file("sender.crt"),
  };
  const { receiver, drafts } = await started({ tls });
  const read = (name: string) => Bun.file(file(name)).text();
  const ca = await read("server.crt");
  const to = { host: "127.0.0.1", port: receiver.listening.tls!, ca, servername: "localhost" };
  const known = connectTls({ ...to, cert: await read("sender.crt"), key: await read("sender.key") });
  known.write("22 <11>1 - sw1 a - - - xy");
  await until(() => drafts.length === 1);
  known.end();
  const stranger = connectTls(to);
  stranger.on("error", () => undefined);
  stranger.write("22 <11>1 - sw1 b - - - xy");
  await new Promise((resolve) => stranger.once("close", resolve));
  expect(drafts.map((draft) => draft.attributes["app"])).toEqual(["a"]);
  writeFileSync(file("server.key"), "damaged");
  const refusal = await started({ tls }).catch(String);
  expect(refusal).toContain("Syslog over TLS cannot be received");
});
