/** Names, texts and evidence as a network might have them, from one seed. */
import type { Evidence } from "@watchpost/hub/assistant/evidence.ts";
import { evidenceText } from "@watchpost/hub/assistant/model/prompt.ts";
import type { Message } from "../engine/template.ts";

export interface Place {
  device: string;
  object: string;
}

const KINDS = ["core-sw", "dist-sw", "acc-sw", "edge-r", "rtr", "fw", "wlc-", "ap-", "spine-", "leaf-", "core", "sw"];
const PORTS = ["Te1/1", "Te1/2", "Gi0/1", "Gi1/0/24", "xe-0/0/3", "Eth1/49", "Po10", "lan", "wan", "eth0"];
const WORDS = [
  "uplink",
  "provider",
  "backup",
  "printer",
  "harbor",
  "north",
  "told",
  "lobby",
  "rack",
  "camera",
  "trunk",
];
const TOOLS = ["metrics", "topology", "events", "changes", "similar"] as const;
const DROPPED_MAX = 0.25;

export type Random = ReturnType<typeof openRandom>;

export function openRandom(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  const chance = (p: number) => next() < p;
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[below(from.length)];
    if (chosen === undefined) throw new Error("nothing to pick from");
    return chosen;
  };
  const word = () => `${pick(WORDS)}${chance(0.3) ? `-${below(30)}` : ""}`;
  const place = (): Place => ({ device: `${pick(KINDS)}${1 + below(24)}`, object: pick(PORTS) });

  function evidence({ device, object }: Place): Evidence {
    const numbers = Array.from({ length: 2 + below(12) }, () => below(10 ** (1 + below(8))) / pick([1, 1, 100]));
    const title = pick([
      `${device} cpu`,
      `${device} ${object} interface in rate`,
      `events of ${word()}`,
      `${device} up`,
    ]);
    return {
      id: "",
      tool: pick(TOOLS),
      title,
      query: "",
      finding: `${title}: ${below(1_000)} ${pick(["bit/s now", "errors", "%", "events", "problems still stand"])}`,
      severity: "info",
      result: { series: [{ labels: { device, interface: object, site: word() }, values: numbers }] },
      signals: [],
      collectedAt: new Date(0),
    };
  }

  return {
    below,
    chance,
    pick,
    word,
    place,
    evidence,
    evidenceText: (at: Place) => evidenceText("E12", evidence(at)),
    attributes: () =>
      Object.fromEntries(Array.from({ length: below(4) }, () => [pick(["alias", "role", "rule", "value"]), word()])),
    /** The same with a few words missing: an instruction may be worded anew without training the model anew. */
    perturbed(message: Message): Message {
      if (message.role !== "system" || chance(0.5)) return message;
      const missing = next() * DROPPED_MAX;
      const words = message.content.split(" ").filter(() => !chance(missing));
      return { ...message, content: words.join(" ") };
    },
  };
}
