import type { Logger } from "pino";
import { type ChatModel, ollamaModel, openAiModel } from "./model/index.ts";

export interface ModelOptions {
  openaiBaseUrl?: string | undefined;
  openaiApiKey?: string | undefined;
  openaiModel?: string | undefined;
  ollamaHost?: string | undefined;
  ollamaModel?: string | undefined;
}

/** The model that the operator configured; an OpenAI-compatible endpoint comes before Ollama. */
export function configuredModel(log: Logger, options: ModelOptions): ChatModel | undefined {
  const { openaiBaseUrl, openaiApiKey, openaiModel, ollamaHost, ollamaModel: localModel } = options;
  if (openaiBaseUrl && openaiModel)
    return openAiModel({ baseUrl: openaiBaseUrl, apiKey: openaiApiKey, model: openaiModel });
  if (openaiBaseUrl) log.warn("OPENAI_BASE_URL is set without a model; set WATCHPOST_OPENAI_MODEL to use it");
  if (ollamaHost && localModel) return ollamaModel({ host: ollamaHost, model: localModel });
  if (ollamaHost) log.warn("OLLAMA_HOST is set without a model; set WATCHPOST_OLLAMA_MODEL to use it");
  return undefined;
}
