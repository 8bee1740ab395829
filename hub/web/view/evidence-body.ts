import type { EvidenceBody } from "@watchpost/ui";
import { z } from "zod";
import { chartBody, type ShownEvidence } from "./evidence-chart.ts";
import { cell, factsBody, tableBody } from "./evidence-table.ts";

const LINES_MAX = 30;

const event = z.object({
  at: z.iso.datetime(),
  kind: z.string(),
  device: z.string(),
  object: z.string().default(""),
  summary: z.string(),
});
const eventsResult = z.looseObject({ events: z.array(event) });
const topologyResult = z.looseObject({
  wayUp: z.array(z.string()).min(1),
  farEnd: z.object({ device: z.string(), port: z.string() }).optional(),
  behind: z.looseObject({ devices: z.array(z.string()), down: z.looseObject({ devices: z.array(z.string()) }) }),
  states: z.record(z.string(), z.string()).default({}),
});
const similarResult = z.looseObject({
  incidents: z.array(z.looseObject({ number: z.number(), title: z.string(), minutes: z.number().nullable() })),
});

/** How a tool's answer is best looked at. What is not known becomes a table; nothing of it is ever markup. */
export function evidenceBody(evidence: ShownEvidence): EvidenceBody {
  return (
    chartBody(evidence) ??
    linesBody(evidence.result) ??
    pathBody(evidence.result) ??
    similarBody(evidence.result) ??
    anyBody(evidence.result)
  );
}

function linesBody(result: unknown): EvidenceBody | undefined {
  const parsed = eventsResult.safeParse(result);
  if (!parsed.success) return undefined;
  const lines = parsed.data.events.slice(0, LINES_MAX).map((one) => ({
    at: new Date(one.at),
    label: one.kind,
    text: one.summary === "" ? `${one.device} ${one.object}` : one.summary,
  }));
  return lines.length === 0 ? { kind: "text", text: "Nothing in that time." } : { kind: "lines", lines };
}

/** The way from the far end through the device to the top of the site. */
function pathBody(result: unknown): EvidenceBody | undefined {
  const parsed = topologyResult.safeParse(result);
  if (!parsed.success) return undefined;
  const { wayUp, farEnd, behind, states } = parsed.data;
  const down = new Set([...behind.down.devices, ...Object.keys(states).filter((name) => states[name] === "down")]);
  const below = farEnd && !wayUp.includes(farEnd.device) ? [farEnd.device] : [];
  const nodes = [...below, ...wayUp].map((name) => (down.has(name) ? { name, state: "down" } : { name }));
  const behindDown = behind.devices.map((name) => (down.has(name) ? { name, state: "down" } : { name }));
  return { kind: "path", nodes, behind: behindDown.filter(({ name }) => !nodes.some((node) => node.name === name)) };
}

function similarBody(result: unknown): EvidenceBody | undefined {
  const parsed = similarResult.safeParse(result);
  if (!parsed.success) return undefined;
  const rows = parsed.data.incidents.map(({ number, title, minutes }) => [
    `INC-${number}`,
    title,
    minutes === null ? "" : `${minutes} min`,
  ]);
  if (rows.length === 0) return { kind: "text", text: "It has not happened before." };
  return { kind: "table", columns: ["Incident", "What it was", "Lasted"], rows: rows.map((row) => row.map(cell)) };
}

function anyBody(result: unknown): EvidenceBody {
  if (Array.isArray(result) && result.length > 0) return tableBody(result);
  if (typeof result === "object" && result !== null && !Array.isArray(result)) return factsBody(result);
  const text = Array.isArray(result) ? "" : cell(result);
  return { kind: "text", text: text === "" ? "It found nothing." : text };
}
