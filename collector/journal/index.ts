export { createGroupCommit, type GroupCommit } from "./group-commit.ts";
export { isDamage, openJournal } from "./open.ts";
