import { Client, type ClientDuplexStream, type ServiceError, status } from "@grpc/grpc-js";
import { type Downlink, grpcService, Link, type Uplink } from "@watchpost/proto";
import { hubChannelOptions, hubCredentials, type Identity } from "../enroll/index.ts";

export interface StreamEvents {
  message(message: Downlink): void;
  /** After a `send` that returned false: there is room again. */
  writable(): void;
  failed(error: Pick<ServiceError, "code" | "details">): void;
  /** Nothing comes any more. */
  over(): void;
}

/** What the protocol needs of a connection: messages in order, until either side ends it. */
export interface Stream {
  listen(events: StreamEvents): void;
  /** False when the other side reads slower than we write: wait for `writable`. */
  send(message: Uplink): boolean;
  /** Says that nothing more comes from here. */
  end(): void;
  /** Ends the call, if it still runs, and its connection. */
  close(): void;
}

export type OpenStream = (address: string, identity: Identity) => Stream;

/** Opens Link.Connect on a connection of its own. */
export function openStream(address: string, identity: Identity): Stream {
  const client = new Client(address, hubCredentials(identity), hubChannelOptions());
  const { path, requestSerialize, responseDeserialize } = grpcService(Link).connect;
  const call: ClientDuplexStream<Uplink, Downlink> = client.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
  );
  return {
    listen(events) {
      call.on("data", (message: Downlink) => events.message(message));
      call.on("drain", () => events.writable());
      call.on("error", (error: ServiceError) => events.failed(error));
      call.on("status", () => events.over());
    },
    send: (message) => call.write(message),
    end: () => call.end(),
    close() {
      call.cancel();
      client.close();
    },
  };
}

/** One sentence from what gRPC says. `wasUp`: the stream had begun. */
export function describeEnd(address: string, error: Pick<ServiceError, "code" | "details">, wasUp: boolean): string {
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
