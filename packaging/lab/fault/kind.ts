import type { Device, Port, Site } from "../device/index.ts";
import type { Random } from "../topology/index.ts";
import type { Uplink } from "../uplink/index.ts";

export const FAULT_NAMES = [
  "device-down",
  "link-down",
  "link-flap",
  "interface-errors",
  "cpu-high",
  "memory-leak",
  "disk-filling",
  "fan-failure",
  "psu-failure",
  "config-change",
  "slow-agent",
  "reboot",
  "renumber",
  "uplink-cut",
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];

/** What a running fault may touch. */
export interface FaultTools {
  id: string;
  site: Site;
  uplink: Uplink;
  random: Random;
  nowMs: () => number;
  /** Runs later, unless the fault or the lab ends first. */
  after: (ms: number, action: () => void) => void;
  /** Ends the fault by itself. */
  end: () => void;
}

export interface Effect {
  /** What is now wrong, for a person. */
  detail: string;
  /** Puts right what can be put right. */
  undo: () => void;
}

interface Described {
  summary: string;
}

export type FaultKind = Described &
  (
    | { on: "site"; start: (tools: FaultTools) => Effect }
    | {
        on: "device";
        device: string;
        fits: (device: Device) => boolean;
        start: (tools: FaultTools, device: Device) => Effect;
      }
    | { on: "interface"; device: string; interface: string; start: (tools: FaultTools, port: Port) => Effect }
  );
