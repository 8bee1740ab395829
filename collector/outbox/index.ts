export type { Outbox, OutboxOptions } from "./api.ts";
export type { EventDraft } from "./event-draft.ts";
export { openOutbox } from "./outbox.ts";
