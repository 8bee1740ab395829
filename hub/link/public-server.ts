import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { Enrollment, grpcService } from "@watchpost/proto";
import { HubError } from "../error.ts";
import type { ServerIdentity } from "../identity/index.ts";
import { type EnrollmentDependencies, enroll } from "./enrollment-service.ts";
import { type GrpcServer, startGrpcServer } from "./grpc-server.ts";
import { statusOf } from "./grpc-status.ts";

const MESSAGE_BYTES_MAX = 1_048_576;

export interface PublicServerOptions extends EnrollmentDependencies {
  identity: ServerIdentity;
  address: string;
  port: number;
  /** Further services, which look after their callers themselves. */
  services: { definition: ServiceDefinition; implementation: UntypedServiceImplementation }[];
}

/** Serves whoever has no client certificate: collectors with a token, programs with a bearer token. */
export function startPublicServer(options: PublicServerOptions): Promise<GrpcServer> {
  return startGrpcServer({
    name: "gRPC for enrolment and programs (WATCHPOST_GRPC_PORT)",
    address: options.address,
    port: options.port,
    identity: options.identity,
    messageBytesMax: MESSAGE_BYTES_MAX,
    services: [
      { definition: grpcService(Enrollment), implementation: { enroll: enroll(options), renew: wrongDoor } },
      ...options.services,
    ],
  });
}

function wrongDoor(_call: unknown, callback: (error: object) => void): void {
  const where = "Renew needs a client certificate: call it on the link listener.";
  callback(statusOf(new HubError("unauthenticated", where)));
}
