import { edgeAt, farEnd, upstreamOf } from "../incident/index.ts";
import type { Subject } from "./subject.ts";
import { prepareCall, type ToolCall } from "./tool/index.ts";
import type { Measure } from "./tool/measure.ts";

const CHANGED_DEVICES_MAX = 20;

/** What the specialists ask first, all at once: by the kind of the root problem and where it stands. */
export function firstCalls(subject: Subject): ToolCall[] {
  const [root] = subject.problems;
  const calls: ToolCall[] = [ask("events", {})];
  if (!root || root.device === "") return calls;
  const { device, object } = root;
  const port = subject.onInterface ? object : undefined;
  const edge = port === undefined ? undefined : edgeAt(subject.site, device, port);
  const far = edge && farEnd(edge, device);
  calls.push(
    ask("topology", { device, ...(port === undefined ? {} : { interface: port }) }),
    ask("changes", { devices: concerned(subject, far?.device) }),
    ask("similar", { device, kind: root.kind }),
    ...deviceMeasures(root.kind).map((measure) => ask("metrics", { measure, device })),
    ask("metrics", { measure: "site-down-devices" satisfies Measure }),
  );
  if (port !== undefined)
    calls.push(...PORT_MEASURES.map((measure) => ask("metrics", { measure, device, interface: port })));
  if (far && subject.site.devices.has(far.device))
    calls.push(ask("metrics", { measure: "device-up", device: far.device }));
  return calls;
}

const PORT_MEASURES: readonly Measure[] = [
  "interface-status",
  "interface-in-rate",
  "interface-out-rate",
  "interface-utilisation",
  "interface-errors",
];

function deviceMeasures(kind: string): Measure[] {
  const always: Measure[] = ["device-up", "cpu", "memory", "sensors"];
  return kind === "threshold" || kind === "device-slow" ? [...always, "storage", "poll-duration"] : always;
}

/** The devices whose changes could have caused this: the root, the far end, what is above, and who else is affected. */
function concerned({ problems, site }: Subject, far: string | undefined): string[] {
  const device = problems[0]?.device ?? "";
  const names = [
    device,
    ...(far === undefined ? [] : [far]),
    ...upstreamOf(site, device),
    ...problems.map((p) => p.device),
  ];
  return [...new Set(names.filter((name) => name !== ""))].slice(0, CHANGED_DEVICES_MAX);
}

function ask(tool: string, input: unknown): ToolCall {
  const prepared = prepareCall(tool, input);
  if (prepared.kind === "refused") throw new Error(`the first questions of an analysis are wrong: ${prepared.message}`);
  return prepared.call;
}
