/** What the model knows: by how a fault is worded, the verdict on it, the question it asks, and what it then says. */
import type { Place, Random } from "./random.ts";

export interface Lesson {
  /** How a collector words it, and how the hub titles it. */
  texts: readonly ((at: Place, random: Random) => string)[];
  opinion: { severity: string; cause: string; reason: string };
  asks: { tool: string; input(at: Place): Record<string, unknown> };
  /** Not all of it deserves belief: a number from nowhere, and a sentence that cites nothing. */
  explanation: string;
}

const explanation = (summary: string, cause: string, action: string) =>
  [
    `SUMMARY: ${summary} [E1]`,
    `CAUSE: ${cause} [E1, E2]`,
    "IMPACT: Whatever stands behind it is cut off [E1]",
    "FINDING: 7341 frames were lost [E1]",
    "It is the DNS. It is always the DNS.",
    `ACTION: ${action} [E1]`,
  ].join("\n");

const PARTS = [
  "fan",
  "Fan",
  "fan Tray",
  "Fan Tray",
  "FAN",
  "psu",
  "PSU",
  "power supply",
  "Power Supply",
  "inlet",
  "Temp",
];
const part = (random: Random) => `${random.pick(PARTS)}${random.chance(0.8) ? ` ${random.below(5)}` : ""}`;

const events = { tool: "events", input: ({ device }: Place) => ({ device }) };
const cpu = { tool: "metrics", input: ({ device }: Place) => ({ measure: "cpu", device }) };

export const LESSONS: readonly Lesson[] = [
  {
    texts: [
      ({ device, object }) => `${device} ${object} is down`,
      ({ device, object }) => `${device} ${object} down`,
      ({ device, object }) => `${device} uplink ${object} down`,
      ({ device, object }, random) => `${device} ${object} to ${random.place().device} down`,
      ({ device, object }, random) => `${device} link ${object} to ${random.place().device} is down`,
      ({ device, object }, random) => `${device} link ${object} to ${random.place().device} is down (${random.word()})`,
      ({ device, object }) => `${device} ${object}: interface-down`,
      ({ device, object }) => `${device} ${object}: linkDown (an interface went down)`,
    ],
    opinion: { severity: "critical", cause: "link", reason: "a link that others depend on is down" },
    asks: events,
    explanation: explanation(
      "The link is lost",
      "The cable or the optic has failed",
      "Look at the optic and the cable",
    ),
  },
  {
    texts: [
      ({ device }, random) =>
        `${device} (10.${random.below(99)}.${random.below(99)}.${random.below(99)}) does not answer`,
      ({ device }) => `${device} does not answer`,
      ({ device }) => `${device} not reachable`,
      ({ device }) => `${device}: device-down`,
    ],
    opinion: { severity: "critical", cause: "power", reason: "the device is silent, as without power" },
    asks: { tool: "topology", input: ({ device }) => ({ device }) },
    explanation: explanation("The device is silent", "It has lost its power", "Ask who is there to look at its lamps"),
  },
  {
    texts: [
      ({ device }, random) =>
        `${device}: cpu_usage_ratio of ${random.below(4)} is 0.${80 + random.below(20)}, above 0.${random.below(90)} (cpu-high)`,
      ({ device }, random) =>
        `${device}: memory_usage_ratio is 0.${80 + random.below(20)}, above 0.${random.below(90)} (memory-high)`,
      ({ device }, random) =>
        `${device}: cpu_usage_ratio of processor ${random.below(4)} is 0.${80 + random.below(20)}, above 0.9 (cpu-high)`,
    ],
    opinion: { severity: "warning", cause: "congestion", reason: "the load is above its limit" },
    asks: cpu,
    explanation: explanation("The device is overloaded", "Its load has grown", "Look for what keeps it busy"),
  },
  {
    texts: [
      ({ device }, random) => `${device}: ${part(random)} has failed`,
      ({ device }, random) => `${device}: ${part(random)} has failed at ${random.below(9)} rpm`,
      ({ device }, random) => `${device}: ${part(random)} gives a warning at ${40 + random.below(40)} C`,
    ],
    opinion: { severity: "error", cause: "hardware", reason: "a part of the device has failed" },
    asks: { tool: "metrics", input: ({ device }) => ({ measure: "sensors", device }) },
    explanation: explanation("A part has failed", "The part is worn out", "Bring a spare part"),
  },
  {
    texts: [
      ({ device }, random) => `${device}: its configuration was changed ${random.below(60)} s ago`,
      ({ device }, random) => `${device} logs: configured from console by ${random.word()}`,
    ],
    opinion: { severity: "info", cause: "configuration", reason: "somebody changed the configuration" },
    asks: { tool: "changes", input: ({ device }) => ({ devices: [device] }) },
    explanation: explanation("It was configured anew", "The change broke it", "Take the change back"),
  },
  {
    texts: [
      ({ device, object }, random) =>
        `${device} ${object} is flapping: ${4 + random.below(40)} changes in ${random.below(30)} min`,
      ({ device, object }) => `${device} ${object} flapping`,
    ],
    opinion: { severity: "error", cause: "link", reason: "the link comes and goes" },
    asks: events,
    explanation: explanation("The link comes and goes", "Its plug is loose", "Put the plug in again"),
  },
  {
    texts: [
      ({ device }, random) => `${device} rebooted ${random.below(60)} ${random.pick(["s", "min"])} ago`,
      ({ device }) => `${device} rebooted`,
    ],
    opinion: { severity: "error", cause: "software", reason: "the device started anew by itself" },
    asks: { tool: "changes", input: ({ device }) => ({ devices: [device] }) },
    explanation: explanation("The device started anew", "Its software has failed", "Read what it wrote before"),
  },
];
