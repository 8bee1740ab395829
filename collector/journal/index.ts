export { createGroupCommit, type GroupCommit } from "./group-commit.ts";
export { isDamage, type Journal, openJournal } from "./open.ts";
