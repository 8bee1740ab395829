export type EnrollErrorCode =
  | "malformed-token"
  | "unreachable"
  | "wrong-fingerprint"
  | "token-not-accepted"
  | "refused"
  | "damaged-identity";

/** Enrolment did not come about; the message is one sentence for a person, with the next step. */
export class EnrollError extends Error {
  override readonly name = "EnrollError";
  readonly code: EnrollErrorCode;

  constructor(code: EnrollErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
