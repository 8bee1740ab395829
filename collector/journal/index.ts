export { createGroupCommit, type GroupCommit } from "./group-commit.ts";
export { type KeptTable, type KeptTableOptions, openKeptTable } from "./kept-table.ts";
export { openJournal } from "./open.ts";
