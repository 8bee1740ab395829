import type { Fault } from "../diagnosis.ts";

/**
 * How much each piece of evidence speaks for a hypothesis, or against it. Pieces for it combine as independent
 * witnesses (1 - product of what each leaves in doubt); each piece against it scales the result down.
 */
export interface Weights {
  for: Readonly<Partial<Record<Witness, number>>>;
  against: Readonly<Partial<Record<Witness, number>>>;
}

/** What a signal says about one hypothesis, by where the signal stands to it. */
export type Witness =
  | "near-end-down"
  | "far-end-down"
  | "oper-status-down"
  | "oper-status-up"
  | "traffic-stopped"
  | "flapping"
  | "far-device-silent"
  | "behind-silent"
  | "own-device-silent"
  | "device-silent"
  | "device-answers"
  | "several-links-lost"
  | "one-link-lost"
  | "link-stays-up"
  | "all-neighbours-silent"
  | "children-silent"
  | "config-changed"
  | "rebooted"
  | "sensor-bad"
  | "resource-high"
  | "threshold"
  | "errors-rising"
  | "utilisation-high"
  | "slow"
  | "seen-before";

const CABLE: Weights = {
  for: {
    "near-end-down": 0.5,
    "far-end-down": 0.3,
    "oper-status-down": 0.35,
    "traffic-stopped": 0.2,
    flapping: 0.4,
    "far-device-silent": 0.25,
    "behind-silent": 0.25,
    "errors-rising": 0.15,
    "seen-before": 0.05,
  },
  against: { "several-links-lost": 0.5, "own-device-silent": 0.6, rebooted: 0.5, "oper-status-up": 0.15 },
};

export const WEIGHTS: Readonly<Record<Fault, Weights>> = {
  "site-uplink": CABLE,
  "link-failure": CABLE,
  "device-failure": {
    for: {
      "device-silent": 0.5,
      "behind-silent": 0.3,
      "several-links-lost": 0.6,
      "link-stays-up": 0.25,
      "sensor-bad": 0.2,
      "seen-before": 0.05,
    },
    against: { "one-link-lost": 0.35, "all-neighbours-silent": 0.7, "device-answers": 0.6, rebooted: 0.4 },
  },
  "upstream-failure": {
    for: { "children-silent": 0.6, "device-silent": 0.3 },
    against: { "device-answers": 0.4, "one-link-lost": 0.4 },
  },
  "config-change": {
    for: { "config-changed": 0.55, "near-end-down": 0.05 },
    against: { "several-links-lost": 0.3, "far-end-down": 0.1 },
  },
  congestion: { for: { "utilisation-high": 0.5, threshold: 0.35 }, against: { "near-end-down": 0.5 } },
  "link-errors": { for: { "errors-rising": 0.5, threshold: 0.4, flapping: 0.1 }, against: { "near-end-down": 0.4 } },
  "resource-exhaustion": {
    for: { "resource-high": 0.5, threshold: 0.5, slow: 0.2 },
    against: { "config-changed": 0.05 },
  },
  environment: { for: { "sensor-bad": 0.7, "seen-before": 0.05 }, against: {} },
  reboot: { for: { rebooted: 0.8, "seen-before": 0.05 }, against: {} },
  unknown: { for: {}, against: {} },
};

/** What is left when nothing points anywhere. */
export const UNKNOWN_SCORE = 0.05;
