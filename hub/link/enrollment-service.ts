import type { handleUnaryCall, sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import {
  type EnrollRequest,
  type EnrollResponse,
  EnrollResponseSchema,
  type RenewRequest,
  type RenewResponse,
  RenewResponseSchema,
} from "@watchpost/proto";
import { HubError } from "../error.ts";
import { contextFor, type Hub } from "../hub.ts";
import { type Authority, authenticateCollector, enrollCollector, renewCertificate } from "../identity/index.ts";
import { internalStatus, statusOf } from "./grpc-status.ts";

/** Where an enrolled collector goes next. */
export interface CollectorAddresses {
  /** host:port of the link listener. */
  link: string;
  /** URL of the remote-write gateway. */
  remoteWrite: string;
}

export interface EnrollmentDependencies {
  hub: Hub;
  keys: Authority;
  addresses(): CollectorAddresses;
}

/** Enroll, for the listener that asks for no client certificate. */
export function enroll(deps: EnrollmentDependencies): handleUnaryCall<EnrollRequest, EnrollResponse> {
  return answer(deps.hub, "enroll", async ({ request }) => {
    const ctx = contextFor(deps.hub, { kind: "system" });
    const enrolled = await enrollCollector(ctx, deps.keys.certificates, request);
    const { link, remoteWrite } = deps.addresses();
    deps.hub.log.info({ site: enrolled.site, collectorId: enrolled.collectorId }, "collector enrolled");
    return create(EnrollResponseSchema, {
      collectorId: enrolled.collectorId,
      site: enrolled.site,
      certificate: enrolled.certificate,
      trust: deps.keys.trustBundle(),
      linkAddress: link,
      remoteWriteUrl: remoteWrite,
    });
  });
}

/** Renew, for the listener that knows its callers. */
export function renew(
  deps: Pick<EnrollmentDependencies, "hub" | "keys">,
): handleUnaryCall<RenewRequest, RenewResponse> {
  return answer(deps.hub, "renew", async (call) => {
    const { actor, peer } = await authenticateCollector(deps.hub.db, call.getAuthContext().sslPeerCertificate?.raw);
    const certificate = await renewCertificate(contextFor(deps.hub, actor), deps.keys.certificates, {
      peer,
      certificateRequest: call.request.certificateRequest,
    });
    return create(RenewResponseSchema, { certificate, trust: deps.keys.trustBundle() });
  });
}

function answer<Request, Response>(
  hub: Hub,
  name: string,
  serve: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  const respond = async (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    try {
      callback(null, await serve(call));
    } catch (error) {
      refuse(hub, name, error, callback);
    }
  };
  return (call, callback) => void respond(call, callback);
}

function refuse<Response>(hub: Hub, name: string, error: unknown, callback: sendUnaryData<Response>): void {
  if (error instanceof HubError) {
    hub.log.warn({ code: error.code, reason: error.message }, `${name} refused`);
    callback(statusOf(error));
    return;
  }
  hub.log.error({ err: error }, `${name} failed`);
  callback(internalStatus("the hub could not do this now; try again. Its log has the reason."));
}
