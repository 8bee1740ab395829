export type { ChatModel } from "./chat.ts";
export type { Claim } from "./claim.ts";
export { NARRATION_LIMITS, type NarrationLimits, narrate } from "./narrate.ts";
export { ollamaModel } from "./ollama.ts";
export { openAiModel } from "./openai.ts";
