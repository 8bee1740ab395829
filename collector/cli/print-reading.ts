import type { Answered, Reading } from "../poll/index.ts";
import { formatDuration, formatNumber, tame } from "../rule/index.ts";
import type { SampleBatch } from "../sample/index.ts";
import { tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const STATUS_WORDS = ["?", "up", "down", "testing", "unknown", "dormant", "not present", "lower layer down"];

/** What a device said, for a person at a terminal. Its texts are tamed: they may not steer the terminal. */
export function printReading(terminal: Terminal, reading: Reading, numbers: SampleBatch): void {
  if (reading.kind === "unanswered") {
    terminal.err(reading.message);
    return;
  }
  const { system } = reading;
  const took = `${Math.round(reading.durationMs)} ms, ${reading.requests} requests`;
  terminal.out(
    `${reading.device}: ${tame(system.name)}, ${tame(system.vendor)} ${tame(system.model)}, up ${formatDuration(system.uptimeTicks * 10)} (${took}, ${numbers.series.length} samples)`,
  );
  terminal.out(tame(system.description));
  terminal.out(tame(identity(reading)));
  section(
    terminal,
    "Interfaces",
    ["Index", "Name", "Admin", "Oper", "Mbit/s", "In octets", "Out octets", "Alias"],
    interfaces(reading),
  );
  section(
    terminal,
    "Processors",
    ["Name", "Usage"],
    reading.processors.map((p) => [tame(p.name), percent(p.usageRatio)]),
  );
  section(
    terminal,
    "Storage",
    ["Name", "Kind", "Used", "Size MiB"],
    reading.storages.map((s) => [
      tame(s.name),
      s.kind,
      percent(s.usedBytes / s.sizeBytes),
      formatNumber(Math.round(s.sizeBytes / 1_048_576)),
    ]),
  );
  section(
    terminal,
    "Sensors",
    ["Name", "Class", "State", "Value"],
    reading.sensors.map((s) => [
      tame(s.name),
      s.class,
      s.state,
      s.value === null ? "" : `${formatNumber(s.value)} ${tame(s.unit)}`,
    ]),
  );
  section(
    terminal,
    "Neighbours",
    ["Port", "System", "Its port", "By"],
    reading.neighbours.map((n) => [tame(n.localPort), tame(n.remoteSystem), tame(n.remotePort), n.protocol]),
  );
}

function identity({ profile = "none", system }: Answered): string {
  const said = Object.entries({ os: system.os, version: system.osVersion, serial: system.serial, profile });
  return said.flatMap(([what, text]) => (text === "" ? [] : [`${what} ${text}`])).join(", ");
}

function section(terminal: Terminal, title: string, head: string[], rows: string[][]): void {
  if (rows.length === 0) return;
  terminal.out("");
  terminal.out(`${title} (${rows.length})`);
  for (const line of tableOf(head, rows)) terminal.out(line);
}

function interfaces(reading: Answered): string[][] {
  return reading.interfaces.map((port) => [
    String(port.index),
    tame(port.name),
    STATUS_WORDS[port.adminStatus] ?? "?",
    STATUS_WORDS[port.operStatus] ?? "?",
    formatNumber(port.speedBps / 1e6),
    counter(port, "if_in_octets_total"),
    counter(port, "if_out_octets_total"),
    tame(port.alias),
  ]);
}

function counter(port: Answered["interfaces"][number], metric: string): string {
  return port.counters.find((c) => c.metric === metric)?.raw.toString() ?? "";
}

function percent(ratio: number): string {
  return Number.isFinite(ratio) ? `${(ratio * 100).toFixed(1)}%` : "";
}
