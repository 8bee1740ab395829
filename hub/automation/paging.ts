import { HubError } from "../error.ts";
import { isUuid } from "./uuid.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

export interface ListInput {
  /** nextCursor of the page before. */
  cursor?: string | undefined;
  /** 1 to 200; 50 when not given. */
  limit?: number | undefined;
}

export interface Page<T> {
  items: T[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export function limitOf(input: ListInput): number {
  return Math.min(Math.max(Math.trunc(input.limit ?? LIMIT_DEFAULT), 1), LIMIT_MAX);
}

/** The id that a page of rows with uuid keys ended at. */
export function uuidCursor(input: ListInput): string | undefined {
  if (input.cursor === undefined || isUuid(input.cursor)) return input.cursor;
  throw new HubError("bad-request", "cursor is not one that a list returned. Leave it out to start from the newest.");
}

/** `rows` holds one more than the limit when there is a next page. */
export function pageOf<T>(rows: T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
