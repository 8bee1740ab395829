import type { z } from "zod";
import { HubError } from "../error.ts";
import type { FieldError } from "./problem.ts";

const ERRORS_SHOWN_MAX = 20;

/** Hook of every validated route: names each wrong field and what was expected there. */
export function refuseInvalid(
  result: { target: string } & ({ success: true } | { success: false; error: z.ZodError }),
) {
  if (result.success) return;
  const errors: FieldError[] = result.error.issues.slice(0, ERRORS_SHOWN_MAX).map((issue) => ({
    in: result.target,
    field: issue.path.join("."),
    expected: issue.message,
  }));
  const first = errors[0];
  const where = first && first.field !== "" ? `${result.target} field ${first.field}` : result.target;
  throw new HubError("bad-request", `${where}: ${first?.expected ?? "not valid"}`, { errors });
}
