export { BODY_BYTES_MAX, WEBHOOK_SOURCES, type WebhookSource } from "./parse.ts";
export { ALERTS_MAX } from "./payload.ts";
export { type ReceivedWebhook, type ReceiveWebhook, receiveWebhook } from "./receive.ts";
