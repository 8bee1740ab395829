import { EventKind, EventState, Severity } from "@watchpost/proto";
import type { EventDraft } from "../outbox/index.ts";
import { enterpriseOf } from "../profile/index.ts";
import { fingerprintOf, tame } from "../rule/index.ts";
import type { Notification } from "./api.ts";
import { bindingNameOf, type TrapName } from "./names.ts";
import type { Subject } from "./subject.ts";

const NAME_CHARS_MAX = 64;
const ABOUT_BINDINGS_MAX = 3;

export interface Received {
  notification: Notification;
  name: TrapName | undefined;
  subject: Subject;
  /** Empty for a stranger. */
  device: string;
  source: string;
  nowMs: number;
}

/** A trap that no table knows is told by its OID. */
export function labelOf(name: TrapName | undefined, trapOid: string): string {
  return name?.name ?? trapOid.slice(0, NAME_CHARS_MAX);
}

export function trapFingerprint(of: { device: string; source: string; subject: Subject; label: string }): string {
  const object = of.device === "" ? of.source : of.subject.object;
  return fingerprintOf({ kind: EventKind.TRAP, device: of.device, object, rule: of.label });
}

/** The event of a trap. What a stranger says never counts for more than a note. */
export function describeTrap({ notification, name, subject, device, source, nowMs }: Received): EventDraft {
  const label = labelOf(name, notification.trapOid);
  const isKnown = device !== "";
  const bindings = notification.bindings.map(({ oid, value }) => bindingText(oid, value));
  const place = [isKnown ? device : `${source}, no configured device,`, subject.object]
    .filter((p) => p !== "")
    .join(" ");
  const vendor = enterpriseOf(notification.trapOid);
  const what = name ? `${label} (${name.meaning})` : `trap ${label}${vendor === "" ? "" : ` of ${vendor}`}`;
  return {
    kind: EventKind.TRAP,
    state: EventState.MOMENT,
    severity: isKnown ? (name?.severity ?? Severity.INFO) : Severity.INFO,
    device,
    object: isKnown ? subject.object : source,
    fingerprint: trapFingerprint({ device, source, subject, label }),
    observedAtMs: nowMs,
    summary: tame(`${place}: ${what}${name ? "" : aboutOf(bindings)}`, 300),
    attributes: {
      trap: label,
      trap_oid: notification.trapOid.slice(0, 200),
      ...(vendor === "" ? {} : { vendor }),
      version: notification.version,
      source,
      uptime_seconds: String(notification.uptimeTicks / 100),
      ...problemOf(device, subject),
      ...Object.fromEntries(bindings),
    },
  };
}

/** The open problem that a poll makes of the same fault: one fault, one name. */
function problemOf(device: string, subject: Subject): Record<string, string> {
  if (!subject.isInterface) return {};
  return { problem: fingerprintOf({ kind: EventKind.INTERFACE_DOWN, device, object: subject.object }) };
}

function bindingText(oid: string, value: string): [string, string] {
  const found = bindingNameOf(oid);
  if (!found) return [oid.slice(-NAME_CHARS_MAX), value];
  const { known, instance } = found;
  const name = instance === "" || instance === "0" ? known.name : `${known.name}.${instance}`;
  return [name.slice(0, NAME_CHARS_MAX), known.values.get(value) ?? value];
}

function aboutOf(bindings: readonly [string, string][]): string {
  const said = bindings.slice(0, ABOUT_BINDINGS_MAX).map(([name, value]) => `${name}=${tame(value, 60)}`);
  return said.length === 0 ? "" : ` ${said.join(", ")}`;
}
