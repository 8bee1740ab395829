import { EventKind, Severity } from "@watchpost/proto";
import type { Answered } from "../poll/reading.ts";
import type { Finding, Scene } from "./finding.ts";
import { formatDuration } from "./text.ts";

const CONFIG_METRIC = "config_last_changed_ticks";
const TICKS_WRAP_MS = 2 ** 32 * 10;
/** Two clocks and a slow answer differ by less; a reboot takes longer. */
const SAME_BOOT_MS = 30_000;
/** Smaller drift is not worth a write. */
const DRIFT_WRITTEN_MS = 5_000;

/**
 * Reboots and configuration changes. The time of boot is remembered, so that both are seen when they happened while
 * the collector itself was away.
 */
export function judgeBoot(reading: Answered, scene: Scene): Finding[] {
  const { memory } = scene;
  const before = memory.boot;
  const configChangedTicks = reading.metrics.find((m) => m.name === CONFIG_METRIC)?.value ?? null;
  const bootedAtMs = reading.takenAtMs - reading.system.uptimeTicks * 10;
  const drifted = before === null || Math.abs(before.bootedAtMs - bootedAtMs) > DRIFT_WRITTEN_MS;
  if (drifted || before.configChangedTicks !== configChangedTicks) {
    memory.boot = { bootedAtMs, configChangedTicks };
    memory.dirty = true;
  }
  const away = reading.discontinuity === "first-poll" && before !== null && !isSameBoot(before.bootedAtMs, bootedAtMs);
  if (reading.discontinuity === "reboot" || away) return [rebooted(reading, scene), countersReset(reading, scene)];
  const changed = before?.configChangedTicks ?? null;
  if (changed === null || configChangedTicks === null || changed === configChangedTicks) return [];
  return [configChanged(reading, configChangedTicks, scene)];
}

/** sysUpTime starts over every 497 days, which looks like a boot exactly that much later. */
function isSameBoot(beforeMs: number, nowMs: number): boolean {
  const apart = Math.abs(nowMs - beforeMs);
  return apart < SAME_BOOT_MS || Math.abs(apart - TICKS_WRAP_MS) < SAME_BOOT_MS;
}

function rebooted(reading: Answered, { device }: Scene): Finding {
  const uptimeMs = reading.system.uptimeTicks * 10;
  return {
    kind: "moment",
    condition: {
      kind: EventKind.DEVICE_REBOOT,
      object: "",
      severity: device.role === "access-point" ? Severity.INFO : Severity.WARNING,
      summary: `${device.name} rebooted ${formatDuration(uptimeMs)} ago`,
      attributes: {
        metric: "device_uptime_seconds",
        uptime_seconds: String(uptimeMs / 1_000),
        booted_at_ms: String(reading.takenAtMs - uptimeMs),
      },
    },
  };
}

function countersReset(reading: Answered, { device }: Scene): Finding {
  return {
    kind: "moment",
    condition: {
      kind: EventKind.COUNTER_RESET,
      object: "",
      severity: Severity.INFO,
      summary: `${device.name}: the counters of ${reading.interfaces.length} interfaces started anew with its reboot`,
      attributes: { cause: "reboot", interfaces: String(reading.interfaces.length) },
    },
  };
}

function configChanged(reading: Answered, ticks: number, { device }: Scene): Finding {
  const agoMs = Math.max(0, (reading.system.uptimeTicks - ticks) * 10);
  return {
    kind: "moment",
    condition: {
      kind: EventKind.CONFIG_CHANGE,
      object: "",
      severity: Severity.INFO,
      summary: `${device.name}: its configuration was changed ${formatDuration(agoMs)} ago`,
      attributes: { metric: CONFIG_METRIC, changed_at_ms: String(reading.takenAtMs - agoMs) },
    },
  };
}
