export { type InsightDraft, insightJson, insightMessage, insightOf, STEPS, type Step } from "./insight.ts";
export { createInsightsService } from "./service.ts";
