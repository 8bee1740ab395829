import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Framing } from "./framing.ts";
import { polledMatterOf } from "./link-line.ts";
import { parseSyslog } from "./parse.ts";

test("RFC 5424 messages are read to the letter, structured data with its escapes", () => {
  const data = '[exampleSDID@32473 iut="3" text="a \\"quoted\\] word"][more@1 a="b"]';
  const line = `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 8710 ID47 ${data} \uFEFFAn event`;
  expect(parseSyslog(line)).toEqual({
    facility: 20,
    severity: 5,
    format: "rfc5424",
    hostname: "mymachine.example.com",
    app: "evntslog",
    process: "8710",
    messageId: "ID47",
    structured: data,
    text: "An event",
  });
  expect(parseSyslog("<34>1 - - - - - -")).toMatchObject({ format: "rfc5424", hostname: "", text: "", structured: "" });
});

const OLD: [string, object][] = [
  [
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
    { hostname: "mymachine", app: "su", text: "'su root' failed" },
  ],
  ["<13>Feb  5 17:32:18 10.0.0.99 sshd[42]: no", { hostname: "10.0.0.99", app: "sshd", process: "42", text: "no" }],
  [
    "<187>Oct 11 22:14:15: %LINK-3-UPDOWN: Interface Te1/5, changed",
    { hostname: "", text: "%LINK-3-UPDOWN: Interface Te1/5, changed" },
  ],
  ["<189>Oct 11 2025 22:14:15.123 UTC: %SYS-5-CONFIG_I: by admin", { text: "%SYS-5-CONFIG_I: by admin" }],
  ["<189>12345: *Oct 11 22:14:15.123: %SYS-5-CONFIG_I: by admin", { text: "%SYS-5-CONFIG_I: by admin" }],
  [
    "<13>2025-10-11T22:14:15+02:00 sw1 kernel: eth0: link down",
    { hostname: "sw1", app: "kernel", text: "eth0: link down" },
  ],
  ["no priority at all", { format: "bare", facility: 1, severity: 5, text: "no priority at all" }],
  ["<999>too high", { facility: 1, severity: 5, text: "<999>too high" }],
];
for (const [line, expected] of OLD)
  test(`old and odd: ${line}`, () => expect(parseSyslog(line)).toMatchObject(expected));

test("any text is read to something bounded", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.nat(191), (text, priority) => {
      for (const line of [text, `<${priority}>${text}`, `<${priority}>1 ${text}`]) {
        const message = parseSyslog(line);
        expect(message.text.length).toBeLessThanOrEqual(2_000);
        expect(message.severity).toBeLessThan(8);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("lines about interfaces and hardware are told from others, in the words of several makers", () => {
  expect(polledMatterOf("%LINK-3-UPDOWN: Interface TenGigabitEthernet1/5, changed state to down")).toEqual({
    kind: "interface",
    name: "TenGigabitEthernet1/5",
  });
  expect(
    polledMatterOf("SNMP_TRAP_LINK_DOWN: ifIndex 526, ifAdminStatus up(1), ifOperStatus down(2), ifName ge-0/0/1"),
  ).toEqual({
    kind: "interface",
    name: "ge-0/0/1",
  });
  expect(polledMatterOf("eth0: Link is Down")).toEqual({ kind: "interface", name: "eth0" });
  expect(polledMatterOf("port 12 is now off-line")).toEqual({ kind: "interface", name: "12" });
  expect(polledMatterOf("%PLATFORM_ENV-1-FAN: Faulty: fan 2")).toEqual({ kind: "hardware" });
  expect(polledMatterOf("user admin logged in")).toEqual({ kind: "none" });
});

/** Messages that come out, whatever the pieces that the stream comes in. */
function framed(stream: Buffer, cuts: number[], messageBytesMax = 100): { texts: string[]; isWell: boolean } {
  const texts: string[] = [];
  const framing = new Framing({
    messageBytesMax,
    message: (bytes, isCut) => texts.push(Buffer.from(bytes).toString() + (isCut ? "…" : "")),
  });
  let isWell = true;
  const marks = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  let from = 0;
  for (const to of marks) {
    if (to > from) isWell = framing.push(stream.subarray(from, to)) && isWell;
    from = to;
  }
  framing.end();
  return { texts, isWell };
}

test("both framings come out the same, whatever the pieces", () => {
  const long = "x".repeat(150);
  const stream = Buffer.from(
    `7 <34>a b<34>line one\n\n${Buffer.byteLength("<34>two\nlines")} <34>two\nlines150 ${long}5 <1>ok<34>${long}\nlast`,
  );
  const whole = framed(stream, []);
  expect(whole).toEqual({
    texts: [
      "<34>a b",
      "<34>line one",
      "<34>two\nlines",
      `${long.slice(0, 100)}…`,
      "<1>ok".slice(0, 5),
      `<34>${long.slice(4, 100)}…`,
      "last",
    ],
    isWell: true,
  });
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { maxLength: 12 }), (cuts) => expect(framed(stream, cuts)).toEqual(whole)),
  );
});
