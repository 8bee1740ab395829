export { BODY_BYTES_MAX, WEBHOOK_SOURCES, type WebhookSource } from "./parse.ts";
export { ALERTS_MAX } from "./payload.ts";
export { receiveWebhook } from "./receive.ts";
