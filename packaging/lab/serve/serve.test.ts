import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../../parts/index.ts";
import { askAt } from "../probe/index.ts";
import { type Served, serveRecordings } from "./index.ts";
import { readRecording } from "./snmprec.ts";

const dir = scratchDir("lab-serve");
const running: Served[] = [];
afterAll(() => {
  for (const served of running) served.close();
});

function recording(name: string, lines: readonly string[]): string {
  const file = join(dir, `${name}.snmprec`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

async function serve(files: string[], options: { community?: string; port?: number } = {}): Promise<Served> {
  const served = await serveRecordings({ port: 0, ...options, files });
  running.push(served);
  return served;
}

const LINES = [
  "1.3.6.1.2.1.1.1.0|4|a switch | with a bar",
  "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.241",
  "1.3.6.1.2.1.1.3.0|67|1727368662",
  "1.3.6.1.2.1.2.2.1.6.1|4x|00ff1b2c3d4e",
  "1.3.6.1.2.1.2.2.1.8.1|2|-2147483648",
  "1.3.6.1.2.1.2.2.1.10.1|65|4294967295",
  "1.3.6.1.2.1.4.20.1.1.10.0.0.1|64|10.0.0.1",
  "1.3.6.1.2.1.4.20.1.1.10.0.0.2|64x|0a000002",
  "1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615",
  "1.3.6.1.2.1.31.1.1.1.15.10000|66|10000",
  "1.3.6.1.2.1.31.1.1.1.15.2|66|2",
  "1.3.6.1.4.1.2021.4.6.0|68x|9f780442f60000",
];
const WALKED: [string, string][] = [
  ["1.3.6.1.2.1.1.1.0", "a switch | with a bar"],
  ["1.3.6.1.2.1.1.2.0", ".1.3.6.1.4.1.9.1.241"],
  ["1.3.6.1.2.1.1.3.0", "1727368662"],
  ["1.3.6.1.2.1.2.2.1.6.1", "00 FF 1B 2C 3D 4E"],
  ["1.3.6.1.2.1.2.2.1.8.1", "-2147483648"],
  ["1.3.6.1.2.1.2.2.1.10.1", "4294967295"],
  ["1.3.6.1.2.1.4.20.1.1.10.0.0.1", "10.0.0.1"],
  ["1.3.6.1.2.1.4.20.1.1.10.0.0.2", "10.0.0.2"],
  ["1.3.6.1.2.1.31.1.1.1.6.1", "18446744073709551615"],
  ["1.3.6.1.2.1.31.1.1.1.15.2", "2"],
  ["1.3.6.1.2.1.31.1.1.1.15.10000", "10000"],
  ["1.3.6.1.4.1.2021.4.6.0", "123.000000"],
];

describe("a served recording", () => {
  test("equals its file on a full bulk walk, in OID order whatever the file's", async () => {
    const { devices } = await serve([recording("switch", LINES.toReversed())]);
    const [device] = devices;
    const walked = await askAt("snmpbulkwalk", "public", device!, ".1");
    expect([...walked].map(([oid, text]) => [oid, text.trim()])).toEqual(WALKED);
  });

  test("answers to public, to its own name, and to the community given instead", async () => {
    const file = recording("named", LINES);
    const [device] = (await serve([file])).devices;
    const [other] = (await serve([file], { community: "secret" })).devices;
    const sysUpTime = "1.3.6.1.2.1.1.3.0";
    expect((await askAt("snmpget", "public", device!, sysUpTime)).size).toBe(1);
    expect((await askAt("snmpget", "named", device!, sysUpTime)).size).toBe(1);
    expect((await askAt("snmpget", "secret", other!, sysUpTime)).size).toBe(1);
    expect((await askAt("snmpget", "named", other!, sysUpTime)).size).toBe(1);
  });

  test("several stand at addresses of their own and share one port", async () => {
    const files = ["one", "two", "three"].map((name) => recording(name, [`1.3.6.1.2.1.1.5.0|4|${name}`]));
    const { devices } = await serve(files);
    expect(devices.map((device) => [device.name, device.address])).toEqual([
      ["one", "127.2.0.1"],
      ["two", "127.2.0.2"],
      ["three", "127.2.0.3"],
    ]);
    expect(new Set(devices.map((device) => device.port)).size).toBe(1);
    const second = await askAt("snmpget", "public", devices[1]!, "1.3.6.1.2.1.1.5.0");
    expect([...second.values()]).toEqual(["two"]);
  });

  test("says which address is taken", async () => {
    const [device] = (await serve([recording("first", LINES)])).devices;
    const again = serve([recording("again", LINES)], { port: device!.port });
    const refusal: unknown = await again.catch((error: unknown) => error);
    expect(String(refusal)).toContain(`UDP 127.2.0.1:${device!.port} is taken by another process`);
  });

  test("holds values and walks larger than one Ethernet frame", async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `1.3.6.1.4.1.99.1.${i + 1}|4|${"v".repeat(i)}`);
    const [device] = (await serve([recording("large", lines)])).devices;
    const walked = await askAt("snmpbulkwalk", "public", device!, ".1");
    expect(walked.size).toBe(3_000);
    expect(walked.get("1.3.6.1.4.1.99.1.3000")).toHaveLength(2_999);
  });
});

describe("a malformed line", () => {
  test("is counted and shown with its number, and the others are served", () => {
    const { objects, malformed } = readRecording(
      [
        "1.3.6.1.2.1.1.5.0|4|ok",
        "nonsense",
        "1.3.6.1.2.1.1.3.0|67|-1",
        "1.3.6.1.2.1.1.3.0|67|12x",
        "1.3.6.1.2.1.1.6.0|4x|abc",
        "1.3.6.1.2.1.1.8.0|4e|tab\\there \\x41\\\\",
        "9.9.9|2|1",
        "1.3.6.1.2.1.4.20.1.1.1|64|1.2.3.400",
        "1.3.6.1.2.1.1.9.0|99|1",
        "",
      ].join("\r\n"),
    );
    expect(objects).toBe(2);
    expect(malformed.count).toBe(7);
    expect(malformed.examples.slice(0, 2)).toEqual([
      'line 2: "nonsense" is not OID|type|value',
      'line 3: 1.3.6.1.2.1.1.3.0: "-1" is no value of type 67',
    ]);
  });
});
