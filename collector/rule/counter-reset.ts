import { EventKind, Severity } from "@watchpost/proto";
import type { InterfaceReading } from "../poll/reading.ts";
import type { Finding, Scene } from "./finding.ts";
import type { PortMemory } from "./memory.ts";

/**
 * Counters of one interface that started anew while the device kept running: its discontinuity time moved, or a
 * 64-bit counter went backwards (it cannot wrap in a lifetime). A 32-bit counter going backwards is a wrap.
 */
export function judgeCounterReset(
  port: InterfaceReading,
  before: PortMemory | undefined,
  now: PortMemory,
  { device }: Scene,
): Finding | undefined {
  if (!before) return undefined;
  const moved = before.discontinuityTicks !== now.discontinuityTicks;
  const backwards = now.octets.findIndex((raw, i) => raw < (before.octets[i] ?? 0n));
  if (!moved && backwards < 0) return undefined;
  const why = moved ? "its discontinuity time moved" : "a 64-bit counter went backwards";
  return {
    kind: "moment",
    condition: {
      kind: EventKind.COUNTER_RESET,
      object: port.name,
      severity: Severity.INFO,
      summary: `${device.name} ${port.name}: counters started anew (${why})`,
      attributes: {
        metric: "if_in_octets_total",
        interface: port.name,
        cause: moved ? "discontinuity" : "backwards",
        from: String(backwards < 0 ? before.discontinuityTicks : before.octets[backwards]),
        to: String(backwards < 0 ? now.discontinuityTicks : now.octets[backwards]),
      },
    },
  };
}
