export { createGroupCommit, type GroupCommit } from "./group-commit.ts";
export { type Journal, openJournal } from "./open.ts";
