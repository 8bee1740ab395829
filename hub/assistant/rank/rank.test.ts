import { expect, test } from "bun:test";
import { makeSite } from "../../incident/index.ts";
import type { SignalKind } from "../tool/index.ts";
import type { Case } from "./case.ts";
import { rankCauses } from "./rank.ts";

const ROLES = { rtr1: "router", fw1: "firewall", core: "core", dist: "distribution", acc1: "access", acc2: "access" };
const CABLES = [
  "fw1 wan rtr1 g0",
  "core t1 fw1 lan",
  "core t2 dist t49",
  "dist g1 acc1 u1",
  "dist g2 acc2 u1",
  "core t9 acc2 u2",
];

const site = makeSite(
  Object.entries(ROLES).map(([name, role]) => ({ id: name, name, role, state: "up" })),
  CABLES.map((line) => line.split(" ")).map(([a = "", p = "", b = "", q = ""]) => ({
    local: { device: a, port: p },
    remote: { device: b, port: q },
  })),
);

/** Signals as "kind device port", each with an evidence id of its own. */
function given(...lines: string[]): Case {
  const signals = lines.map((line, i) => {
    const [kind = "", device = "", port] = line.split(" ");
    const where = port === undefined ? { device } : { device, interface: port };
    return { kind: kind as SignalKind, ...where, strength: 1, evidence: `e${i}` };
  });
  return { site, signals, problems: [] };
}
const top = (...lines: string[]) => {
  const [first] = rankCauses(given(...lines));
  return [first?.fault, first?.device, first?.interface];
};

test("one lost cable is a dead link first and a dead far end second; what leaves the site is its uplink", () => {
  expect(top("interface-down-reported dist g1", "not-answering acc1")).toEqual(["link-failure", "dist", "g1"]);
  const causes = rankCauses(given("interface-down-reported core t1", "not-answering fw1", "not-answering rtr1"));
  expect(causes.map((c) => [c.fault, c.device]).slice(0, 2)).toEqual([
    ["site-uplink", "core"],
    ["device-failure", "fw1"],
  ]);
  expect(causes[0]?.evidence).toEqual(["e0", "e1", "e2"]);
});

test("a device that several neighbours lost at once has failed itself", () => {
  expect(top("interface-down-reported dist g2", "interface-down-reported core t9", "not-answering acc2")).toEqual([
    "device-failure",
    "acc2",
    undefined,
  ]);
});

test("a silent device whose cable stays up has failed itself; one behind a silent device has not", () => {
  const causes = rankCauses(given("not-answering dist", "not-answering acc1"));
  expect([causes[0]?.fault, causes[0]?.device]).toEqual(["device-failure", "dist"]);
  const behind = causes.find((c) => c.fault === "device-failure" && c.device === "acc1");
  expect(behind?.score ?? 0).toBeLessThan(0.3);
});

test("several silent devices below one that answers cast suspicion on it", () => {
  const causes = rankCauses(given("not-answering acc1", "not-answering acc2"));
  expect(causes.map((c) => [c.fault, c.device])).toContainEqual(["upstream-failure", "dist"]);
});

test("a reboot of the far end explains a lost cable better than a dead link", () => {
  expect(top("interface-down-reported dist g1", "rebooted acc1")).toEqual(["reboot", "acc1", undefined]);
});

test("resources, sensors, errors, utilisation and changes are causes of their own", () => {
  expect(top("threshold-reported acc1 cpu0", "resource-high acc1")).toEqual(["resource-exhaustion", "acc1", undefined]);
  expect(top("sensor-bad core fan1")).toEqual(["environment", "core", undefined]);
  expect(top("threshold-reported dist g1", "errors-rising dist g1")).toEqual(["link-errors", "dist", "g1"]);
  expect(top("threshold-reported dist g1", "utilisation-high dist g1")).toEqual(["congestion", "dist", "g1"]);
  expect(top("config-changed core")).toEqual(["config-change", "core", undefined]);
});

test("the order does not depend on the order of the evidence, and scores stay between 0 and 1", () => {
  const lines = [
    "interface-down-reported core t1",
    "oper-status-down core t1",
    "not-answering fw1",
    "config-changed core",
    "sensor-bad fw1 psu",
  ];
  const order = (input: string[]) => rankCauses(given(...input)).map((c) => [c.fault, c.device, c.score]);
  expect(order(lines.toReversed())).toEqual(order(lines));
  expect(rankCauses(given(...lines)).every((c) => c.score > 0 && c.score < 1)).toBe(true);
});

test("evidence that points nowhere is said to point nowhere", () => {
  expect(
    rankCauses({
      ...given("answering core"),
      problems: [{ kind: "webhook", device: "core", object: "", state: "firing" }],
    }),
  ).toEqual([{ device: "core", fault: "unknown", score: 0.05, evidence: ["e0"] }]);
});
