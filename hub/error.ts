/** Stable codes of everything a caller may be told; the HTTP status of each (RFC 9457 problem details, "code"). */
export const ERROR_STATUS = {
  "bad-request": 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  gone: 410,
  "too-large": 413,
  unprocessable: 422,
  "too-many-requests": 429,
  "not-available": 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** A refusal the caller can act on. The message says what, which object, which numbers and what to do next. */
export class HubError extends Error {
  override readonly name = "HubError";
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
