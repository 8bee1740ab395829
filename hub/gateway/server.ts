import type { IncomingMessage, ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Hub } from "../hub.ts";
import type { Authority, ServerIdentity } from "../identity/index.ts";
import { type Caller, callerFinder } from "./caller.ts";
import { type Forwarded, forwardWrite } from "./forward.ts";
import { BodyBudget, readBody } from "./read-body.ts";
import { STORE_START_HEADER, storeStartReader } from "./store-start.ts";

export const WRITE_PATH = "/api/v1/write";
const BODY_BYTES_MAX = 8_388_608;
/** All bodies that are being read or passed on together. */
const BODIES_BYTES_MAX = 8 * BODY_BYTES_MAX;
const BODY_TIMEOUT_MS = 30_000;
const BUSY_RETRY_AFTER_S = 1;
const STOP_DEADLINE_MS = 2_000;

export interface GatewayOptions {
  hub: Hub;
  keys: Authority;
  identity: ServerIdentity;
  /** Undefined: no store; writers are told to keep their samples. */
  storeUrl: string | undefined;
  address: string;
  port: number;
  onWrite(status: number, bytes: number): void;
}

export interface Gateway {
  port: number;
  stop(): Promise<void>;
}

type Request = IncomingMessage;
type Response = ServerResponse;

interface Door {
  budget: BodyBudget;
  callerOf(request: Request): Promise<Caller>;
  storeStartS(): Promise<number | undefined>;
}

/** Opens the door for samples: Prometheus remote write over mutual TLS, passed on to the store. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const door: Door = {
    budget: new BodyBudget(BODIES_BYTES_MAX),
    callerOf: callerFinder(options.hub),
    storeStartS: storeStartReader({ storeUrl: options.storeUrl, monotonicMs: () => performance.now() }),
  };
  const open = new Set<TLSSocket>();
  // node:http2 with HTTP/1.1 allowed: under Bun node:https does not show the peer's certificate.
  const server = createSecureServer(
    {
      allowHTTP1: true,
      key: options.identity.privateKeyPem,
      cert: options.identity.certificatePem,
      ca: options.keys.certificates.pem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
    },
    (request: Http2ServerRequest | Request, response: Http2ServerResponse | Response) => {
      serve(options, door, request as Request, response as Response).catch((error: unknown) => {
        options.hub.log.error({ err: error }, "gateway: write failed");
        answer(response as Response, {
          status: 503,
          body: "the gateway failed; its log has the reason.",
          retryAfterS: 5,
        });
      });
    },
  );
  server.on("secureConnection", (socket: TLSSocket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("tlsClientError", (error) => options.hub.log.debug({ err: error }, "gateway: handshake refused"));
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of open) socket.destroy();
        }, STOP_DEADLINE_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

async function serve(options: GatewayOptions, door: Door, request: Request, response: Response): Promise<void> {
  // Node's HTTP/2 hides the peer's certificate, and no collector speaks it.
  if (request.httpVersionMajor !== 1) return answer(response, { status: 505, body: "use HTTP/1.1." });
  const path = request.url?.split("?")[0];
  if (path !== WRITE_PATH) return answer(response, { status: 404, body: `only POST ${WRITE_PATH} is served here.` });
  if (request.method !== "POST") return answer(response, { status: 405, body: "use POST." });
  const who = await door.callerOf(request);
  if (who.kind === "refused") return answer(response, { status: 403, body: who.reason });
  const body = await readBody(request, { bytesMax: BODY_BYTES_MAX, timeoutMs: BODY_TIMEOUT_MS, budget: door.budget });
  switch (body.kind) {
    case "cut":
      options.hub.log.debug({ reason: body.reason, ...who.actor }, "gateway: body cut");
      return;
    case "too-large":
      return answer(response, { status: 413, body: `a write may have ${BODY_BYTES_MAX} bytes; send smaller blocks.` });
    case "busy":
      return answer(response, { status: 503, body: "too many writes at once.", retryAfterS: BUSY_RETRY_AFTER_S });
    case "read": {
      const { headers } = request;
      // Asked before: a store that begins anew under the write must not be told as the one that took it.
      const storeStartS = await door.storeStartS();
      const forwarded = await forwardWrite(options.storeUrl, { ...who.actor, headers, body: body.bytes }).finally(() =>
        door.budget.give(body.bytes.length),
      );
      options.onWrite(forwarded.status, body.bytes.length);
      return answer(response, forwarded, storeStartS);
    }
  }
}

function answer(response: Response, { status, body, retryAfterS }: Forwarded, storeStartS?: number): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    ...(retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }),
    ...(storeStartS === undefined ? {} : { [STORE_START_HEADER]: String(storeStartS) }),
    // A body that was not read to its end leaves the connection unusable.
    ...(status === 413 || (status === 503 && body !== "") ? { connection: "close" } : {}),
  });
  response.end(body);
}

function listen(server: ReturnType<typeof createSecureServer>, { address, port }: GatewayOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `remote-write gateway (WATCHPOST_GATEWAY_PORT) cannot listen on ${address}:${port}: ${error.code ?? error.message}. Free the port or choose another.`,
        ),
      ),
    );
    server.listen(port, address, () => resolve());
  });
}
