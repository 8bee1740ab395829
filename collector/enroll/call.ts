import { type ChannelCredentials, Client, type MethodDefinition, type ServiceError } from "@grpc/grpc-js";
import { hubChannelOptions } from "./channel.ts";

const CALL_TIMEOUT_MS = 15_000;

export type Called<Response> = { kind: "answered"; response: Response } | { kind: "failed"; error: ServiceError };

/** One call on a connection of its own. */
export async function callOnce<Request, Response>(
  hub: { address: string; credentials: ChannelCredentials },
  method: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Called<Response>> {
  const client = new Client(hub.address, hub.credentials, hubChannelOptions());
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + CALL_TIMEOUT_MS },
        (error, response) => {
          if (response !== undefined) resolve({ kind: "answered", response });
          else if (error) resolve({ kind: "failed", error });
        },
      );
    });
  } finally {
    client.close();
  }
}
