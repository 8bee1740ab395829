import { DrizzleQueryError } from "drizzle-orm";
import { z } from "zod";

/** SQLSTATE 23505 as the driver gives it. */
const uniqueViolation = z.object({ code: z.literal("23505"), constraint_name: z.string() });

/** Whether Postgres refused a row because of this unique index. */
export function isUniqueViolation(error: unknown, index: string): boolean {
  const violation = uniqueViolation.safeParse(error instanceof DrizzleQueryError ? error.cause : error);
  return violation.success && violation.data.constraint_name === index;
}
