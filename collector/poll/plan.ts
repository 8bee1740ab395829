import type { DeviceConfig, SitePart } from "../config/schema.ts";
import type { SnmpCredential, Target } from "../device/snmp/index.ts";
import { type DeviceState, newDeviceState } from "./state.ts";
import type { Reading, Unanswered } from "./reading.ts";

/** Tries after the first while a device is known to be silent. */
const RETRIES_WHILE_SILENT = 1;
const POLLS_UNTIL_SILENT = 2;
/** Share of the interval that one poll may take. */
const BUDGET_SHARE = 0.9;
/** Turns more that a slow device gets to be read whole for the first time; after that much less is asked. */
const FIRST_READ_TURNS_MAX = 2;

/** One device on the schedule. */
export interface Planned {
  device: DeviceConfig;
  intervalMs: number;
  state: DeviceState;
  unanswered: number;
  /** Readings in a row that were cut short before one was whole. */
  cutShort: number;
  lastAnswerMs: number;
  dueMs: number;
  startedMs: number;
  /** Due, but the polls under way are as many as may be. */
  isWaiting: boolean;
  /** What pollNow promised while it waits. */
  asked: PromiseWithResolvers<Reading | undefined> | undefined;
  /** No longer in the configuration: what still comes of it is dropped. */
  removed: boolean;
  polling: Promise<Reading | undefined> | undefined;
}

export function planned(device: DeviceConfig, poll: SitePart["poll"], nowMs: number): Planned {
  return {
    device,
    intervalMs: device.intervalMs ?? poll.intervalMs,
    state: newDeviceState(),
    unanswered: 0,
    cutShort: 0,
    lastAnswerMs: nowMs,
    dueMs: nowMs,
    startedMs: nowMs,
    isWaiting: false,
    asked: undefined,
    removed: false,
    polling: undefined,
  };
}

/** Whether the same agent is meant, asked in the same way. */
export function isSameAgent(a: DeviceConfig, b: DeviceConfig): boolean {
  return a.address === b.address && a.port === b.port && a.credential === b.credential;
}

export function targetOf(entry: Planned, credential: SnmpCredential, poll: SitePart["poll"]): Target {
  const { name, address, port } = entry.device;
  const isSilent = entry.unanswered >= POLLS_UNTIL_SILENT;
  const retries = isSilent ? Math.min(poll.retries, RETRIES_WHILE_SILENT) : poll.retries;
  return { name, address, port, credential, timeoutMs: poll.timeoutMs, retries };
}

export function budgetMs(entry: Planned): number {
  return entry.intervalMs * (BUDGET_SHARE + Math.min(entry.cutShort, FIRST_READ_TURNS_MAX));
}

export function withoutCredential(device: DeviceConfig, takenAtMs: number): Unanswered {
  return {
    kind: "unanswered",
    device: device.name,
    takenAtMs,
    durationMs: 0,
    reason: "unauthenticated",
    message: `device ${device.name} (${device.address}): not asked, no credential is named "${device.credential}". Add it to credentials in collector.yaml.`,
  };
}
