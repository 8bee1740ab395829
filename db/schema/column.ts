import { customType, timestamp, uuid } from "drizzle-orm/pg-core";

/** Primary key: UUIDv7, so that new rows sort last. */
export const id = () =>
  uuid()
    .primaryKey()
    .$defaultFn(() => Bun.randomUUIDv7());

export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });
