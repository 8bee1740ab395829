import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { CertificateAuthority, ServerIdentity } from "../identity/index.ts";

const STOP_DEADLINE_MS = 3_000;
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** Thousands of streams on one connection overflow the stack in node:http2. */
const STREAMS_A_CONNECTION_MAX = 100;

export interface GrpcListener {
  /** For messages: "gRPC for collectors (WATCHPOST_LINK_PORT)". */
  name: string;
  address: string;
  port: number;
  identity: ServerIdentity;
  /** Given: only callers with a certificate of this authority get in. */
  clientAuthority?: CertificateAuthority;
  messageBytesMax: number;
  services: { definition: ServiceDefinition; implementation: UntypedServiceImplementation }[];
}

export interface GrpcServer {
  port: number;
  stop(): Promise<void>;
}

/** Opens a gRPC listener over TLS, or says in one sentence why it cannot. */
export async function startGrpcServer(listener: GrpcListener): Promise<GrpcServer> {
  // What matters reaches us as an error; the library's own lines would stand unformatted in our log.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    "grpc.max_concurrent_streams": STREAMS_A_CONNECTION_MAX,
    "grpc.max_receive_message_length": listener.messageBytesMax,
    "grpc.max_send_message_length": listener.messageBytesMax,
    // Nobody asks for it, and it keeps a record of every socket and stream.
    "grpc.enable_channelz": 0,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
  });
  for (const { definition, implementation } of listener.services) server.addService(definition, implementation);
  const port = await bind(server, listener);
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), STOP_DEADLINE_MS);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

function bind(server: Server, listener: GrpcListener): Promise<number> {
  const { identity, clientAuthority, address } = listener;
  const credentials = ServerCredentials.createSsl(
    clientAuthority ? Buffer.from(clientAuthority.pem) : null,
    [{ private_key: Buffer.from(identity.privateKeyPem), cert_chain: Buffer.from(identity.certificatePem) }],
    clientAuthority !== undefined,
  );
  const host = address.includes(":") ? `[${address}]` : address;
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${listener.port}`, credentials, (error, port) => {
      if (!error) return resolve(port);
      const why = /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.exec(error.message)?.[1] ?? error.message;
      const next = "Free the port or choose another.";
      reject(new Error(`${listener.name} cannot listen on ${host}:${listener.port}: ${why}. ${next}`));
    });
  });
}
