import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ERROR_STATUS, type ErrorCode, HubError } from "../error.ts";
import type { WebRequest } from "./request.ts";

/** RFC 9457 problem details. `code` is stable; `detail` is for people and may change. */
export interface Problem {
  type: string;
  title: string;
  status: ContentfulStatusCode;
  detail: string;
  code: ErrorCode | "unsupported-media-type" | "internal";
  instance: string;
  requestId: string;
  /** Which part of the request was wrong, and what was expected there. */
  errors?: FieldError[];
  [detail: string]: unknown;
}

export interface FieldError {
  in: string;
  /** Path of the field, dotted; empty for the whole. */
  field: string;
  expected: string;
}

const TITLES: Record<Problem["code"], string> = {
  "bad-request": "The request is not valid",
  unauthenticated: "Sign-in needed",
  forbidden: "Not allowed",
  "not-found": "Not found",
  conflict: "Conflict with the present state",
  gone: "No longer there",
  "too-large": "Too large",
  unprocessable: "Cannot be carried out",
  "too-many-requests": "Too many requests",
  "not-available": "Not available now",
  "unsupported-media-type": "Media type not supported",
  internal: "The hub made an error",
};

const CODE_OF_STATUS = new Map<number, ErrorCode>(
  Object.entries(ERROR_STATUS).map(([code, status]) => [status, code as ErrorCode]),
);

/** What went wrong, as the caller may know it. An unknown error shows nothing of its inside. */
export function problemFrom(error: unknown, c: WebRequest): Problem {
  if (error instanceof HubError)
    return { ...error.details, ...problem(c, error.code, ERROR_STATUS[error.code], error.message) };
  if (error instanceof HTTPException) {
    if (error.status === 415) {
      const got = c.req.header("content-type") ?? "none";
      const detail = `This route takes Content-Type: application/json; the request had ${got.slice(0, 100)}.`;
      return problem(c, "unsupported-media-type", 415, detail);
    }
    const code = CODE_OF_STATUS.get(error.status) ?? "bad-request";
    return problem(c, code, ERROR_STATUS[code], error.message);
  }
  const detail = `Request ${c.get("requestId")} failed inside the hub. Its log has the cause under this id.`;
  return problem(c, "internal", 500, detail);
}

function problem(c: WebRequest, code: Problem["code"], status: ContentfulStatusCode, detail: string): Problem {
  return {
    type: `urn:watchpost:problem:${code}`,
    title: TITLES[code],
    status,
    detail,
    code,
    instance: c.req.path,
    requestId: c.get("requestId"),
  };
}

export function problemResponse(problem: Problem): Response {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json; charset=utf-8",
    "cache-control": "no-store",
  };
  if (problem.status === 401) headers["www-authenticate"] = 'Bearer realm="watchpost"';
  const retryAfterS = problem["retryAfterS"];
  if (typeof retryAfterS === "number") headers["retry-after"] = String(retryAfterS);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
