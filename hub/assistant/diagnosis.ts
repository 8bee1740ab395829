import { z } from "zod";

const severity = z.enum(["info", "warning", "error", "critical"]);

export const FAULTS = [
  "site-uplink",
  "link-failure",
  "device-failure",
  "upstream-failure",
  "config-change",
  "congestion",
  "link-errors",
  "resource-exhaustion",
  "environment",
  "reboot",
  "unknown",
] as const;
export type Fault = (typeof FAULTS)[number];

export const causeSchema = z.object({
  device: z.string(),
  interface: z.string().optional(),
  fault: z.enum(FAULTS),
  score: z.number().min(0).max(1).describe("Computed from the evidence by the rules, never by a model."),
  evidence: z.array(z.string()).describe("Ids of evidence rows."),
});

export const findingSchema = z.object({
  source: z.string().describe("The tool that found it, or the model's name."),
  severity,
  message: z.string(),
  evidence: z.array(z.string()),
  timestamp: z.iso.datetime(),
  flagged: z
    .string()
    .optional()
    .describe("Why this sentence deserves doubt: a number that its evidence does not hold."),
});

export const recommendedActionSchema = z.object({
  script_id: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  risk: z.enum(["none", "low", "medium", "high"]),
  text: z.string(),
});

/** What an analysis concludes. Published as DiagnosisResult in the OpenAPI document. */
export const DiagnosisResult = z.object({
  summary: z.string(),
  root_cause: z.object({
    text: z.string(),
    confidence: z.number().min(0).max(1),
    causes: z.array(causeSchema),
  }),
  impact: z.string(),
  findings: z.array(findingSchema),
  recommended_actions: z.array(recommendedActionSchema),
  tools_used: z.array(z.string()),
  duration_ms: z.int().min(0),
  source: z.enum(["rules", "ollama", "openai"]),
  model: z.string().optional(),
  prompt_hash: z.string().optional(),
  note: z.string().optional().describe("Why a configured model had no part in it."),
});

export type Diagnosis = z.output<typeof DiagnosisResult>;
export type Cause = z.output<typeof causeSchema>;
export type Finding = z.output<typeof findingSchema>;
export type RecommendedAction = z.output<typeof recommendedActionSchema>;
