import { Client, type ClientDuplexStream, type ServiceError, status } from "@grpc/grpc-js";
import { type Downlink, grpcService, Link, type Uplink } from "@watchpost/proto";
import { hubChannelOptions, hubCredentials, type Identity } from "../enroll/index.ts";

export interface Stream {
  call: ClientDuplexStream<Uplink, Downlink>;
  /** Ends the call, if it still runs, and its connection. */
  close(): void;
}

/** Opens Link.Connect on a connection of its own. */
export function openStream(address: string, identity: Identity): Stream {
  const client = new Client(address, hubCredentials(identity), hubChannelOptions());
  const { path, requestSerialize, responseDeserialize } = grpcService(Link).connect;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  return {
    call,
    close() {
      call.cancel();
      client.close();
    },
  };
}

/** One sentence from what gRPC says. `wasUp`: the stream had begun. */
export function describeEnd(address: string, error: ServiceError, wasUp: boolean): string {
  switch (error.code) {
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return `the hub at ${address} does not admit this collector: ${error.details}`;
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
      return `${wasUp ? "lost the stream" : "no stream"} to the hub at ${address}: ${error.details}`;
    case status.OK:
    case status.CANCELLED:
    case status.UNKNOWN:
    case status.INVALID_ARGUMENT:
    case status.NOT_FOUND:
    case status.ALREADY_EXISTS:
    case status.RESOURCE_EXHAUSTED:
    case status.FAILED_PRECONDITION:
    case status.ABORTED:
    case status.OUT_OF_RANGE:
    case status.UNIMPLEMENTED:
    case status.INTERNAL:
    case status.DATA_LOSS:
      return `the hub at ${address} ended the stream (${status[error.code]}): ${error.details}`;
  }
}
