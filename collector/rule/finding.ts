import type { EventKind, Severity } from "@watchpost/proto";
import type { DeviceConfig, RuleConfig, SitePart } from "../config/index.ts";
import type { SampleBatch } from "../sample/sample.ts";
import type { DeviceMemory } from "./memory.ts";

/** Something wrong at a device, or something that happened there. */
export interface Condition {
  kind: EventKind;
  /** Interface, storage, sensor …; empty for the device as a whole. */
  object: string;
  /** Threshold rule, when there may be several for one object. */
  rule?: string;
  severity: Severity;
  summary: string;
  attributes: Record<string, string>;
}

/** What a detector says after a reading. What it does not mention stays as it was: it could not be judged. */
export type Finding =
  | { kind: "stands"; condition: Condition }
  | { kind: "ended"; fingerprint: string; summary: string }
  | { kind: "moment"; condition: Condition };

/** Numbers of one poll, by series. */
export type Numbers = Pick<SampleBatch, "series" | "values" | "takenAtMs">;

/** What a detector may look at, and the memory of the device that it may write. */
export interface Scene {
  device: DeviceConfig;
  poll: SitePart["poll"];
  rules: readonly RuleConfig[];
  memory: DeviceMemory;
  isFiring(fingerprint: string): boolean;
  /** Device behind a port, with its role. */
  neighbourAt(port: string): { device: string; port: string; role: DeviceConfig["role"] } | undefined;
}
