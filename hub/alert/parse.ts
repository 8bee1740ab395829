import type { z } from "zod";
import { HubError } from "../error.ts";
import { alertmanagerPayload, genericPayload, grafanaPayload } from "./payload.ts";
import { fromGeneric, fromPrometheus, type ReceivedAlert } from "./received.ts";

export const WEBHOOK_SOURCES = ["grafana", "alertmanager", "generic"] as const;
export type WebhookSource = (typeof WEBHOOK_SOURCES)[number];

export const BODY_BYTES_MAX = 1_048_576;
const ISSUES_SHOWN_MAX = 5;

/** A webhook's body as alerts. Every refusal names the source, the field and what is expected there. */
export function parseWebhook(source: WebhookSource, body: string): ReceivedAlert[] {
  const bytes = Buffer.byteLength(body);
  if (bytes > BODY_BYTES_MAX) {
    throw new HubError(
      "too-large",
      `the ${source} webhook has ${bytes} bytes; ${BODY_BYTES_MAX} are taken. Send fewer alerts at once (max_alerts).`,
    );
  }
  const payload = parseJson(source, body);
  switch (source) {
    case "grafana":
      return checked(source, grafanaPayload, payload).alerts.map(fromPrometheus);
    case "alertmanager":
      return checked(source, alertmanagerPayload, payload).alerts.map(fromPrometheus);
    case "generic":
      return checked(source, genericPayload, payload).map(fromGeneric);
  }
}

function parseJson(source: WebhookSource, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const start = JSON.stringify(body.slice(0, 40));
    throw new HubError("bad-request", `the ${source} webhook is not JSON (${reason}); it begins with ${start}`);
  }
}

function checked<Schema extends z.ZodType>(source: WebhookSource, schema: Schema, payload: unknown): z.output<Schema> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => ({
    path: issue.path.join("."),
    message: issue.message,
  }));
  const [first] = issues;
  throw new HubError(
    "unprocessable",
    `the ${source} webhook is not as ${source} sends it: ${first?.path || "the whole"}: ${first?.message}. Is the right URL set there?`,
    { issues },
  );
}
