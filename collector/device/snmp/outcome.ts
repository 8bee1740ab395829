import type { Report } from "./usm/report.ts";

/** Why a device could not be asked. `message` is whole: what, which device, numbers, next step. */
export type Failure =
  | { kind: "timeout"; message: string }
  | { kind: "refused"; message: string }
  | { kind: "unauthenticated"; report: Report | "none"; message: string }
  | { kind: "error-status"; status: number; index: number; message: string }
  | { kind: "garbage"; message: string }
  | { kind: "closed"; message: string };
