import { EventKind, Severity } from "@watchpost/proto";
import type { Answered, SensorReading } from "../poll/reading.ts";
import type { Finding, Scene } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import { formatNumber, tame } from "./text.ts";

/** What the device itself says of its fans, power supplies, batteries and temperatures. */
export function judgeSensors(reading: Answered, scene: Scene): Finding[] {
  if (scene.memory.firing.size === 0 && reading.sensors.every(isWell)) return [];
  return reading.sensors.flatMap((sensor): Finding[] => {
    const object = tame(sensor.name);
    const fingerprint = fingerprintOf({ kind: EventKind.SENSOR, device: scene.device.name, object });
    switch (sensor.state) {
      case "unknown":
        return [];
      case "ok": {
        const summary = `${scene.device.name}: ${title(sensor)} is well again`;
        return scene.isFiring(fingerprint) ? [{ kind: "ended", fingerprint, summary }] : [];
      }
      case "warning":
      case "failed":
        return [stands(sensor, object, scene)];
    }
  });
}

function isWell({ state }: SensorReading): boolean {
  return state === "ok" || state === "unknown";
}

function stands(sensor: SensorReading, object: string, { device }: Scene): Finding {
  const failed = sensor.state === "failed";
  const value = sensor.value === null ? "" : ` at ${formatNumber(sensor.value)} ${tame(sensor.unit)}`;
  return {
    kind: "stands",
    condition: {
      kind: EventKind.SENSOR,
      object,
      severity: failed ? Severity.ERROR : Severity.WARNING,
      summary: `${device.name}: ${title(sensor)} ${failed ? "has failed" : "gives a warning"}${value}`,
      attributes: {
        metric: "sensor_state",
        sensor: object,
        class: sensor.class,
        state: sensor.state,
        ...(sensor.value === null ? {} : { value: formatNumber(sensor.value), unit: tame(sensor.unit) }),
      },
    },
  };
}

function title(sensor: SensorReading): string {
  const name = tame(sensor.name);
  const kind = sensor.class.replace("-", " ");
  return name.toLowerCase().includes(kind) || sensor.class === "other" ? name : `${kind} ${name}`;
}
