import { createHash } from "node:crypto";
import type { SeverityName } from "../incident/index.ts";
import type { Alert, GenericAlert } from "./payload.ts";

/** An alert of any source, in one shape. Its texts are still the sender's. */
export interface ReceivedAlert {
  /** Same for the start, the repeats and the end of one problem at one source. */
  key: string;
  firing: boolean;
  severity: SeverityName;
  site: string;
  /** A name or an address. */
  device: string;
  object: string;
  summary: string;
  atMs: number | undefined;
  attributes: Record<string, string>;
}

const DEVICE_LABELS = ["device", "host", "hostname", "instance", "target"];
const OBJECT_LABELS = ["interface", "ifName", "ifDescr"];

export function fromPrometheus(alert: Alert): ReceivedAlert {
  const { labels, annotations, status } = alert;
  const name = labels["alertname"] ?? "alert";
  const at = status === "resolved" ? alert.endsAt : alert.startsAt;
  return {
    key: alert.fingerprint === "" ? hashOf(Object.entries(labels).toSorted()) : alert.fingerprint,
    firing: status === "firing",
    severity: severityOf(labels["severity"] ?? labels["priority"] ?? ""),
    site: labels["site"] ?? "",
    device: withoutPort(firstOf(labels, DEVICE_LABELS)),
    object: firstOf(labels, OBJECT_LABELS),
    summary: annotations["summary"] ?? annotations["title"] ?? annotations["message"] ?? name,
    atMs: at === undefined ? undefined : Date.parse(at),
    attributes: {
      ...labels,
      ...(annotations["description"] === undefined ? {} : { description: annotations["description"] }),
      ...(annotations["runbook_url"] === undefined ? {} : { runbook_url: annotations["runbook_url"] }),
      ...(alert.generatorURL === "" ? {} : { generator_url: alert.generatorURL }),
      ...(alert.valueString === "" ? {} : { value: alert.valueString }),
    },
  };
}

export function fromGeneric(alert: GenericAlert): ReceivedAlert {
  const { title, status, severity, site, device, object, description, at } = alert;
  return {
    key: alert.fingerprint === "" ? hashOf([site, device, object, title]) : alert.fingerprint,
    firing: status === "firing",
    severity,
    site,
    device,
    object,
    summary: title,
    atMs: at === undefined ? undefined : Date.parse(at),
    attributes: description === "" ? {} : { description },
  };
}

/** The words that alert rules use. An unknown or missing one is a warning: somebody wrote a rule for it. */
function severityOf(word: string): SeverityName {
  switch (word.toLowerCase()) {
    case "critical":
    case "page":
    case "emergency":
    case "disaster":
    case "p1":
      return "critical";
    case "error":
    case "major":
    case "high":
    case "p2":
      return "error";
    case "info":
    case "information":
    case "none":
    case "low":
      return "info";
    default:
      return "warning";
  }
}

function firstOf(labels: Record<string, string>, names: readonly string[]): string {
  return names.map((name) => labels[name]).find((value) => value !== undefined && value !== "") ?? "";
}

/** 10.0.0.1:9116 -> 10.0.0.1; [fe80::1]:161 -> fe80::1; an address without port stays. */
function withoutPort(instance: string): string {
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$/.exec(instance)?.[1];
  return bracketed ?? /^([^:]+):\d{1,5}$/.exec(instance)?.[1] ?? instance;
}

function hashOf(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
