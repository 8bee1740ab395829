import { createHash } from "node:crypto";
import { EventKind, EventState, Severity } from "@watchpost/proto";
import type { EventDraft } from "../outbox/index.ts";
import { fingerprintOf, tame } from "../rule/index.ts";
import { templateOf } from "../triage/index.ts";
import type { SyslogMessage } from "./parse.ts";

export const LEVELS = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"] as const;
const SUMMARY_CHARS_MAX = 300;
const TEMPLATE_DIGITS = 12;

/** A log line alone rarely deserves a person: only the three worst count for more than a warning. */
const SEVERITIES: readonly Severity[] = [
  Severity.CRITICAL,
  Severity.ERROR,
  Severity.ERROR,
  Severity.WARNING,
  Severity.WARNING,
  Severity.INFO,
  Severity.INFO,
  Severity.INFO,
];

export interface Line {
  message: SyslogMessage;
  /** Empty for a stranger. */
  device: string;
  source: string;
  transport: "udp" | "tcp" | "tls";
  /** Interface by the name that polls give it; empty when the line is about none. */
  port: string;
  /** Polls see it themselves and decide what it deserves. */
  isPolled: boolean;
  nowMs: number;
}

/** One template of one device is one message, whatever varies in it. */
export function syslogFingerprint({ message, device, source, port }: Line): string {
  const place = device === "" ? source : device;
  const template = templateOf(`${message.app} ${message.text}`, { device: message.hostname, object: port });
  const digest = createHash("sha256").update(template).digest("hex").slice(0, TEMPLATE_DIGITS);
  const object = device === "" ? place : port;
  return fingerprintOf({ kind: EventKind.SYSLOG, device, object, rule: digest });
}

export function describeLine(line: Line, fingerprint: string): EventDraft {
  const { message, device, source, port } = line;
  const app = tame(message.app, 60);
  const said = tame(message.text, SUMMARY_CHARS_MAX);
  const who = device === "" ? `${source}, no configured device,` : device;
  return {
    kind: EventKind.SYSLOG,
    state: EventState.MOMENT,
    severity: severityOf(line),
    device,
    object: device === "" ? source : port,
    fingerprint,
    observedAtMs: line.nowMs,
    summary: `${who} logs: ${app === "" ? said : `${app}: ${said}`}`,
    attributes: withoutEmpty({
      level: LEVELS[message.severity] ?? "notice",
      facility: String(message.facility),
      format: message.format,
      transport: line.transport,
      source,
      hostname: tame(message.hostname),
      app,
      process: tame(message.process, 60),
      message_id: tame(message.messageId, 60),
      structured: tame(message.structured, 900),
      text: tame(message.text, 900),
      problem: port === "" ? "" : fingerprintOf({ kind: EventKind.INTERFACE_DOWN, device, object: port }),
    }),
  };
}

/** What a line does not say is not sent, stored and shown as an empty text. */
function withoutEmpty(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}

function severityOf({ message, device, isPolled }: Line): Severity {
  const severity = SEVERITIES[message.severity] ?? Severity.INFO;
  if (device === "") return Severity.INFO;
  return isPolled && severity > Severity.WARNING ? Severity.WARNING : severity;
}
