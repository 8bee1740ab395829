import { ChannelCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import { Enrollment, EnrollRequestSchema, type EnrollResponse, grpcService } from "@watchpost/proto";
import { callOnce } from "./call.ts";
import { EnrollError } from "./error.ts";
import { fetchAuthority } from "./first-contact.ts";
import { type IdentityStore, saveIdentity } from "./identity.ts";
import { certificatePem, createKeyPair } from "./key-pair.ts";
import { type EnrollToken, parseToken } from "./token.ts";

export interface EnrollOptions {
  token: string;
  collectorName: string;
  /** Where the identity is kept. */
  dir: string;
  version: string;
  /** host:port to dial instead of the token's address. */
  dialAddress?: string;
}

/** Spends the token for an identity and keeps it. Throws EnrollError; the token is spent only when the hub agreed. */
export async function enroll(options: EnrollOptions): Promise<IdentityStore> {
  const token = parseToken(options.token);
  const address = options.dialAddress ?? token.address;
  const authority = await fetchAuthority({ address, fingerprint: token.fingerprint });
  const keys = await createKeyPair();
  const credentials = ChannelCredentials.createSsl(Buffer.from(certificatePem(authority)));
  const called = await callOnce(
    { address, credentials },
    grpcService(Enrollment).enroll,
    create(EnrollRequestSchema, {
      token: token.text,
      certificateRequest: keys.certificateRequest,
      collectorName: options.collectorName,
      collectorVersion: options.version,
    }),
  );
  if (called.kind === "failed") throw refusal(called.error, { token, address });
  return keep(options.dir, called.response, keys.privateKeyPem);
}

function keep(dir: string, response: EnrollResponse, privateKeyPem: string): IdentityStore {
  if (!response.trust)
    throw new EnrollError("refused", "the hub answered without a trust bundle; is its version older?");
  return saveIdentity(dir, {
    collectorId: response.collectorId,
    site: response.site,
    certificatePem: certificatePem(response.certificate),
    privateKeyPem,
    trust: response.trust,
    linkAddress: response.linkAddress,
    remoteWriteUrl: response.remoteWriteUrl,
  });
}

function refusal(error: ServiceError, at: { token: EnrollToken; address: string }): EnrollError {
  const { details } = error;
  switch (error.code) {
    // The hub's own sentence says whether the token is expired, used or unknown, and what to do.
    case status.UNAUTHENTICATED:
    case status.NOT_FOUND:
    case status.FAILED_PRECONDITION:
      return new EnrollError("token-not-accepted", `the hub at ${at.address} did not accept the token: ${details}`);
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
      return new EnrollError(
        "unreachable",
        `the hub at ${at.address} could not be asked: ${details}. The token is not spent as far as is known; try again`,
      );
    case status.OK:
    case status.CANCELLED:
    case status.UNKNOWN:
    case status.INVALID_ARGUMENT:
    case status.ALREADY_EXISTS:
    case status.PERMISSION_DENIED:
    case status.RESOURCE_EXHAUSTED:
    case status.ABORTED:
    case status.OUT_OF_RANGE:
    case status.UNIMPLEMENTED:
    case status.INTERNAL:
    case status.DATA_LOSS:
      return new EnrollError(
        "refused",
        `the hub at ${at.address} refused the enrolment (${status[error.code]}): ${details}`,
      );
  }
}
