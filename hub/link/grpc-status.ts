import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { type ErrorCode, HubError } from "../error.ts";

const CODES: Record<ErrorCode, status> = {
  "bad-request": status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  "not-found": status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  gone: status.FAILED_PRECONDITION,
  "too-large": status.RESOURCE_EXHAUSTED,
  unprocessable: status.INVALID_ARGUMENT,
  "too-many-requests": status.RESOURCE_EXHAUSTED,
  "not-available": status.UNAVAILABLE,
};

/** A refusal as gRPC tells it: the sentence as details, the stable code in the metadata `watchpost-code`. */
export function statusOf(error: HubError): StatusObject {
  const metadata = new Metadata();
  metadata.set("watchpost-code", error.code);
  return { code: CODES[error.code], details: error.message, metadata };
}

/** What the other side learns of a fault of ours: nothing that helps an attacker. */
export function internalStatus(details: string): StatusObject {
  return { code: status.UNAVAILABLE, details, metadata: new Metadata() };
}

export function protocolStatus(details: string): StatusObject {
  return { code: status.FAILED_PRECONDITION, details, metadata: new Metadata() };
}
