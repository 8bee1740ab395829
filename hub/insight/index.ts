export { type InsightDraft, insightJson, insightMessage, insightOf, STEPS, type Step } from "./insight.ts";
export { type Authenticate, createInsightsService } from "./service.ts";
