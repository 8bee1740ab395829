import { EventKind, Severity } from "@watchpost/proto";
import type { Answered } from "../poll/reading.ts";
import type { Finding, Scene } from "./finding.ts";
import { tame } from "./text.ts";

const NAMED_MAX = 20;

/** The agent gave interfaces new indexes. Series go by name and are not broken; what knows indexes is. */
export function judgeRenumbered(reading: Answered, { device }: Scene): Finding[] {
  const moved = reading.renumbered;
  if (moved.length === 0) return [];
  const named = moved.slice(0, NAMED_MAX).map((m) => `${tame(m.name)} ${m.fromIndex}->${m.toIndex}`);
  return [
    {
      kind: "moment",
      condition: {
        kind: EventKind.INTERFACE_RENUMBERED,
        object: "",
        severity: Severity.INFO,
        summary: `${device.name} gave ${moved.length} interfaces new indexes; their series continue by name`,
        attributes: { interfaces: String(moved.length), moved: named.join(", ") },
      },
    },
  ];
}
