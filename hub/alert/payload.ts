import { z } from "zod";

export const ALERTS_MAX = 500;
const LABELS_MAX = 64;

const text = z.string().max(4_096);
const labels = z
  .record(z.string().max(256), text)
  .refine((value) => Object.keys(value).length <= LABELS_MAX, `at most ${LABELS_MAX} labels`);
const status = z.enum(["firing", "resolved"]);

/** One alert as Alertmanager sends it, and Grafana too: it adds fields that are not needed here. */
const alert = z.object({
  status,
  labels,
  annotations: labels.default({}),
  startsAt: z.iso.datetime({ offset: true }).optional(),
  endsAt: z.iso.datetime({ offset: true }).optional(),
  generatorURL: text.default(""),
  fingerprint: z.string().max(128).default(""),
  valueString: text.default(""),
});
export type Alert = z.output<typeof alert>;

const alerts = z.array(alert).min(1).max(ALERTS_MAX);

/** Alertmanager's webhook, version 4. */
export const alertmanagerPayload = z.object({ version: z.literal("4"), alerts });

/** Grafana's unified alerting webhook. */
export const grafanaPayload = z.object({ orgId: z.int(), alerts });

const genericAlert = z.strictObject({
  title: z.string().min(1).max(500),
  status: status.default("firing"),
  severity: z.enum(["info", "warning", "error", "critical"]).default("warning"),
  site: z.string().max(63).default(""),
  device: z.string().max(253).default(""),
  object: z.string().max(253).default(""),
  description: text.default(""),
  /** The same for the start, the repeats and the end of one problem; title, site, device and object when not given. */
  fingerprint: z.string().max(128).default(""),
  at: z.iso.datetime({ offset: true }).optional(),
});
export type GenericAlert = z.output<typeof genericAlert>;

/** Our own format for anything else: one alert, or several. */
export const genericPayload = z
  .union([genericAlert, z.strictObject({ alerts: z.array(genericAlert).min(1).max(ALERTS_MAX) })])
  .transform((payload) => ("alerts" in payload ? payload.alerts : [payload]));
