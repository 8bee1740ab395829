import type { Diagnosis, Finding } from "./diagnosis.ts";

/** Leaves room in a bus payload of 64 KiB for the insight around it and for its quotes, which are escaped once more. */
const JSON_BYTES_MAX = 24_576;
const MESSAGE_CHARACTERS_MAX = 300;

/**
 * The diagnosis as live readers get it. One that is too large loses the length of its findings first, then the last of
 * them, which weigh least; the whole one is kept with the incident. The same diagnosis gives the same text.
 */
export function boundedDiagnosisJson(diagnosis: Diagnosis): string {
  const whole = JSON.stringify(diagnosis);
  if (Buffer.byteLength(whole) <= JSON_BYTES_MAX) return whole;
  const short = diagnosis.findings.map(shortened);
  for (let kept = short.length; kept >= 0; kept = kept === 0 ? -1 : Math.floor(kept / 2)) {
    const text = JSON.stringify({ ...diagnosis, findings: short.slice(0, kept), note: noteOf(diagnosis, kept) });
    if (Buffer.byteLength(text) <= JSON_BYTES_MAX) return text;
  }
  const { summary, root_cause, source, duration_ms } = diagnosis;
  return JSON.stringify({
    summary: summary.slice(0, MESSAGE_CHARACTERS_MAX),
    root_cause: {
      text: root_cause.text.slice(0, MESSAGE_CHARACTERS_MAX),
      confidence: root_cause.confidence,
      causes: [],
    },
    impact: "",
    findings: [],
    recommended_actions: [],
    tools_used: [],
    duration_ms,
    source,
    note: "This diagnosis is too long for live readers; the whole one stands with its incident.",
  } satisfies Diagnosis);
}

function shortened(finding: Finding): Finding {
  const { message } = finding;
  return message.length <= MESSAGE_CHARACTERS_MAX
    ? finding
    : { ...finding, message: `${message.slice(0, MESSAGE_CHARACTERS_MAX - 1).toWellFormed()}…` };
}

function noteOf({ note, findings }: Diagnosis, kept: number): string {
  const left = findings.length - kept;
  const told = left === 0 ? "Findings are shortened here" : `${left} findings are left out here`;
  return [note, `${told}; the whole diagnosis stands with its incident.`].filter(Boolean).join(" ");
}
