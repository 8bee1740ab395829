import { expect, test } from "bun:test";
import { join } from "node:path";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import { scratchDir } from "../../packaging/parts/index.ts";
import type { EventDraft } from "../outbox/event-draft.ts";
import { fingerprintOf } from "../rule/index.ts";
import { createTopology, openFactStore } from "../topology/index.ts";
import { answered, device, neighbour } from "../topology/reading.fixture.ts";
import { createTriage, type JudgedEvent } from "./index.ts";
import { templateOf } from "./template.ts";

/** core - fw - rtr in a row; `open` holds the fingerprints that fire. */
function siteInARow() {
  const store = openFactStore({ path: join(scratchDir("triage"), "topology.sqlite"), nowMs: 0, onTrouble: fail });
  const topology = createTopology({ store, attachedTo: "core" });
  topology.setDevices([device("core", "core"), device("fw", "firewall"), device("rtr", "router")]);
  topology.learn(answered("core", { neighbours: [neighbour("Te1/1 > fw Gi0/1")] }));
  topology.learn(answered("fw", { neighbours: [neighbour("Gi0/1 > core Te1/1"), neighbour("Gi0/2 > rtr Gi0/0")] }));
  topology.learn(answered("rtr", { neighbours: [neighbour("Gi0/0 > fw Gi0/2")] }));
  const open = new Set<string>();
  const triage = createTriage({
    topology,
    open: {
      isDeviceDown: (name) => open.has(`device-down/${name}`),
      isInterfaceDown: (name, port) => open.has(`interface-down/${name}/${port}`),
      isInterfaceFlapping: (name, port) => open.has(`interface-flapping/${name}/${port}`),
    },
    clock: { monotonicMs: () => 0 },
  });
  const judge = (event: EventDraft): JudgedEvent => {
    const judged = triage.judge(event);
    if (judged.kind === "folded") throw new Error(`folded ${judged.times}`);
    if (event.state === EventState.FIRING) open.add(event.fingerprint);
    return judged.event;
  };
  return { triage, judge, open };
}

function event(kind: EventKind, name: string, change: Partial<EventDraft> = {}): EventDraft {
  const object = change.object ?? "";
  return {
    kind,
    state: EventState.FIRING,
    severity: Severity.CRITICAL,
    device: name,
    object,
    fingerprint: fingerprintOf({ kind, device: name, object }),
    observedAtMs: 1_000_000,
    summary: `${name} ${object} is down`,
    attributes: {},
    ...change,
  };
}

test("every event has a verdict with a score and reasons, without any model", () => {
  const { verdict } = siteInARow().judge(event(EventKind.INTERFACE_DOWN, "core", { object: "Te1/1" }));
  expect(verdict).toMatchObject({
    severity: Severity.CRITICAL,
    score: 0.84,
    reasons: ["the rule calls it critical", "2 devices cannot be reached without it"],
    source: "rules",
    explainedBy: "",
    template: "<device> <object> is down",
  });
});

test("devices behind a cut link are told, and explained by the link", () => {
  const { judge } = siteInARow();
  judge(event(EventKind.INTERFACE_DOWN, "core", { object: "Te1/1" }));
  for (const name of ["fw", "rtr"]) {
    const { verdict } = judge(event(EventKind.DEVICE_DOWN, name));
    expect(verdict).toMatchObject({
      explainedBy: "interface-down/core/Te1/1",
      score: 0.2,
      severity: Severity.CRITICAL,
    });
  }
});

test("a dead device explains the one behind it, and stands for itself", () => {
  const { judge } = siteInARow();
  expect(judge(event(EventKind.DEVICE_DOWN, "fw")).verdict).toMatchObject({ explainedBy: "", score: 0.82 });
  expect(judge(event(EventKind.DEVICE_DOWN, "rtr")).verdict.explainedBy).toBe("device-down/fw");
});

test("the second end of a cable is explained by the first, and the port to a dead device by the device", () => {
  const first = siteInARow();
  first.judge(event(EventKind.INTERFACE_DOWN, "core", { object: "Te1/1" }));
  expect(first.judge(event(EventKind.INTERFACE_DOWN, "fw", { object: "Gi0/1" })).verdict.explainedBy).toBe(
    "interface-down/core/Te1/1",
  );
  const second = siteInARow();
  second.judge(event(EventKind.DEVICE_DOWN, "rtr"));
  expect(second.judge(event(EventKind.INTERFACE_DOWN, "fw", { object: "Gi0/2" })).verdict.explainedBy).toBe(
    "device-down/rtr",
  );
});

test("a cable that flaps is one problem: its second end is explained by the first", () => {
  const { judge } = siteInARow();
  expect(judge(event(EventKind.INTERFACE_FLAPPING, "core", { object: "Te1/1" })).verdict).toMatchObject({
    explainedBy: "",
    flapping: true,
  });
  const second = judge(event(EventKind.INTERFACE_FLAPPING, "fw", { object: "Gi0/1" }));
  expect(second.verdict.explainedBy).toBe("interface-flapping/core/Te1/1");
});

test("once the cause ended, nothing is explained by it", () => {
  const { judge, open } = siteInARow();
  judge(event(EventKind.INTERFACE_DOWN, "core", { object: "Te1/1" }));
  open.delete("interface-down/core/Te1/1");
  expect(judge(event(EventKind.DEVICE_DOWN, "rtr")).verdict.explainedBy).toBe("");
});

const moment = (atMs: number) => event(EventKind.COUNTER_RESET, "fw", { state: EventState.MOMENT, observedAtMs: atMs });

test("a moment that repeats within a minute is folded, and the next one says how often", () => {
  const { triage, judge } = siteInARow();
  judge(moment(1_000_000));
  expect(triage.judge(moment(1_010_000))).toEqual({ kind: "folded", times: 1 });
  expect(triage.judge(moment(1_020_000))).toEqual({ kind: "folded", times: 2 });
  const later = judge(moment(1_090_000));
  expect(later.attributes).toEqual({ repeats: "2" });
  expect(later.verdict.reasons).toContain("it repeated 2 times since it was last told");
});

test("a problem that begins again and again is flapping and worth less, but always told", () => {
  const { judge } = siteInARow();
  const scores = [0, 1, 2, 3].map((i) => {
    const atMs = 1_000_000 + i * 60_000;
    judge(event(EventKind.THRESHOLD, "fw", { state: EventState.CLEARED, observedAtMs: atMs }));
    return judge(event(EventKind.THRESHOLD, "fw", { observedAtMs: atMs + 1, severity: Severity.WARNING })).verdict;
  });
  expect(scores.map((v) => [v.score, v.flapping])).toEqual([
    [0.35, false],
    [0.35, false],
    [0.35, false],
    [0.2, true],
  ]);
});

test("an event that ended asks for nobody", () => {
  const { verdict } = siteInARow().judge(event(EventKind.DEVICE_DOWN, "fw", { state: EventState.CLEARED }));
  expect(verdict).toMatchObject({ score: 0.05, reasons: ["it ended"] });
});

test("messages of one shape have one template", () => {
  const none = { device: "", object: "" };
  expect(templateOf("%LINK-3-UPDOWN: Interface GigabitEthernet1/0/24, changed state to down", none)).toBe(
    templateOf("%LINK-3-UPDOWN: Interface GigabitEthernet2/0/1, changed state to down", none),
  );
  expect(templateOf("Login from 10.1.2.3 (00:1b:44:11:3a:b7) failed 5 times, code 0xFF", none)).toBe(
    "login from <ip> (<mac>) failed <num> times, code <hex>",
  );
  expect(templateOf("acc: cpu_usage_ratio of 1 is 0.96, above 0.9 (cpu-high)", { device: "acc", object: "" })).toBe(
    "<device>: cpu_usage_ratio of <num> is <num>, above <num> (cpu-high)",
  );
  expect(templateOf("x".repeat(5_000), none)).toHaveLength(200);
});

function fail(message: string): never {
  throw new Error(message);
}
