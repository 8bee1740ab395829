import { Metadata, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { type Downlink, Enrollment, grpcService, Link, type Uplink } from "@watchpost/proto";
import { HubError } from "../error.ts";
import {
  type Authority,
  authenticateCollector,
  findCollectors,
  type FoundCollector,
  type ServerIdentity,
} from "../identity/index.ts";
import { statusRecorder, sweepStale } from "./collector-status.ts";
import { collectorsWithConfigs } from "./config.ts";
import { decodeUplink } from "./decode-uplink.ts";
import { renew } from "./enrollment-service.ts";
import { Gather } from "../gather.ts";
import { type GrpcServer, startGrpcServer } from "./grpc-server.ts";
import { internalStatus, statusOf } from "./grpc-status.ts";
import { heartbeatStore } from "./heartbeat.ts";
import { greeter } from "./hello.ts";
import { LinkSession, type SessionDependencies } from "./session.ts";
import { SilenceWatch } from "./silence.ts";
import { memoryOfWaves } from "./wave.ts";

/** A batch of 1,000 events or an inventory of 50 switches is a few hundred KB. */
const MESSAGE_BYTES_MAX = 4_194_304;
const LOOKUPS_A_ROUND_MAX = 100;
const CONNECTED_A_ROUND_MAX = 250;
const SWEEP_EVERY_MS = 30_000;
const RECONNECT_AFTER_MS = 1_000;

export interface LinkServerOptions
  extends Omit<SessionDependencies, "arrived" | "recordStatus" | "greet" | "storeBeats" | "waits" | "silence"> {
  keys: Authority;
  identity: ServerIdentity;
  address: string;
  port: number;
  /** How long a stream may say nothing; three heartbeats when not given. */
  silenceMaxMs?: number;
}

/** Serves collectors over mutual TLS: their streams, and fresh certificates. */
export async function startLinkServer(options: LinkServerOptions): Promise<GrpcServer> {
  const { hub, keys, registry } = options;
  const waiting = new Gather<string, boolean>(CONNECTED_A_ROUND_MAX, async (ids) => {
    const all = [...ids.keys()];
    const [handled, configs] = await Promise.all([options.handlers.whoWaits(all), collectorsWithConfigs(hub, all)]);
    return new Map([...handled, ...configs].map((id) => [id, true]));
  });
  const memory = memoryOfWaves();
  const silence = new SilenceWatch(options.silenceMaxMs);
  const dependencies: SessionDependencies = {
    ...options,
    silence,
    arrived: memory.arrived,
    greet: greeter(hub),
    recordStatus: statusRecorder(hub, (id) => registry.isConnected(id)),
    storeBeats: heartbeatStore(hub),
    waits: async (id) => (await waiting.add(id, id)) ?? false,
  };
  const found = new Gather<string, FoundCollector>(LOOKUPS_A_ROUND_MAX, (ids) =>
    findCollectors(hub.db, [...ids.keys()]),
  );
  const authenticate: Authenticate = (der) => authenticateCollector(hub.db, der, (id) => found.add(id, id));
  const server = await startGrpcServer({
    name: "gRPC for collectors (WATCHPOST_LINK_PORT)",
    address: options.address,
    port: options.port,
    identity: options.identity,
    clientAuthority: keys.certificates,
    messageBytesMax: MESSAGE_BYTES_MAX,
    services: [
      {
        definition: linkDefinition(),
        implementation: {
          connect: (call: ServerDuplexStream<Uplink, Downlink>) => {
            serve(call, dependencies, authenticate).catch((error: unknown) =>
              hub.log.error({ err: error }, "link: stream ended badly"),
            );
          },
        },
      },
      { definition: grpcService(Enrollment), implementation: { renew: renew({ hub, keys }), enroll: wrongDoor } },
    ],
  });
  const sweep = setInterval(() => {
    sweepStale(hub, (id) => registry.isConnected(id)).catch((error: unknown) =>
      hub.log.error({ err: error }, "link: stale collectors not swept"),
    );
  }, SWEEP_EVERY_MS);
  sweep.unref();
  return {
    port: server.port,
    async stop() {
      clearInterval(sweep);
      silence.stop();
      memory.stop();
      await registry.drain(RECONNECT_AFTER_MS);
      await server.stop();
    },
  };
}

function linkDefinition() {
  const { connect } = grpcService(Link);
  return { connect: { ...connect, requestDeserialize: decodeUplink } };
}

type Authenticate = (certificate: Uint8Array | undefined) => ReturnType<typeof authenticateCollector>;

async function serve(
  call: ServerDuplexStream<Uplink, Downlink>,
  options: SessionDependencies,
  authenticate: Authenticate,
): Promise<void> {
  const { hub, registry, meters } = options;
  // Without a listener a broken connection would end the process.
  call.on("error", (error) => hub.log.debug({ err: error }, "link: stream error"));
  try {
    if (registry.draining) throw new HubError("not-available", "the hub is stopping; reconnect in a moment.");
    const turn = await options.admission.greetings.take(() =>
      authenticate(call.getAuthContext().sslPeerCertificate?.raw),
    );
    if (turn.kind === "too-many") {
      throw new HubError("not-available", "many collectors come back at once; reconnect in a moment.");
    }
    const { collectorId, siteId, site } = turn.value.actor;
    if (!call.cancelled) new LinkSession(call, { collectorId, siteId, site }, options).start();
  } catch (error) {
    if (!(error instanceof HubError)) {
      call.emit("error", internalStatus("the hub could not take this stream now; reconnect."));
      throw error;
    }
    meters.refused("identity");
    hub.log.warn({ code: error.code, reason: error.message }, "link: collector refused");
    call.emit("error", statusOf(error));
  }
}

function wrongDoor(_call: unknown, callback: (error: object) => void): void {
  callback({
    code: status.UNIMPLEMENTED,
    details: "Enroll is served on the public gRPC listener, whose address stands in the enrolment token.",
    metadata: new Metadata(),
  });
}
