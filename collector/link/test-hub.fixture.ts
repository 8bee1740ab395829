import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { type Downlink, DownlinkSchema, type Event, grpcService, Link, type Uplink } from "@watchpost/proto";
import type { TestAuthority } from "../enroll/authority.fixture.ts";

type Say = NonNullable<MessageInitShape<typeof DownlinkSchema>["message"]>;

/** A hub of a test's own: the real protocol over real mutual TLS. What it committed survives its restarts. */
export class TestHub {
  readonly committed = new Map<string, Event[]>();
  readonly received: Uplink["message"][] = [];
  readonly hellos: Uplink["message"][] = [];
  heartbeatIntervalMs = 1_000;
  /** Stores events and says so; when false it stores them and keeps silent. */
  acks = true;
  answersHeartbeats = true;
  /** Overrides what welcome says. */
  ackedSeq: ((epoch: string) => bigint) | undefined;
  private readonly authority: TestAuthority;
  private server: Server | undefined;
  private call: ServerDuplexStream<Uplink, Downlink> | undefined;
  private port = 0;

  constructor(authority: TestAuthority) {
    this.authority = authority;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { key, cert } = await this.authority.server();
    const server = new Server();
    server.addService(grpcService(Link), { connect: (call: ServerDuplexStream<Uplink, Downlink>) => this.serve(call) });
    const credentials = ServerCredentials.createSsl(
      Buffer.from(this.authority.pem),
      [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
      true,
    );
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    this.server = server;
  }

  /** Ends everything at once, as a crash does. */
  kill(): void {
    this.server?.forceShutdown();
    this.server = undefined;
    this.call = undefined;
  }

  say(message: Say): void {
    this.call?.write(create(DownlinkSchema, { message }));
  }

  stored(epoch: string): Event[] {
    return this.committed.get(epoch) ?? [];
  }

  private serve(call: ServerDuplexStream<Uplink, Downlink>): void {
    this.call = call;
    let epoch = "";
    call.on("error", () => undefined);
    call.on("end", () => call.end());
    call.on("data", ({ message }: Uplink) => {
      this.received.push(message);
      switch (message.case) {
        case "hello":
          this.hellos.push(message);
          epoch = message.value.outboxEpoch;
          return this.welcome(epoch);
        case "events":
          return this.store(call, epoch, message.value.events);
        case "heartbeat":
          if (!this.answersHeartbeats) return;
          return this.say({
            case: "heartbeat",
            value: { clockMs: BigInt(Date.now() + 60_000), echoClockMs: message.value.clockMs },
          });
        case "inventory":
        case "configResult":
        case "scriptOutput":
        case "scriptResult":
        case "scanProgress":
        case "scanReport":
        case "siteConfig":
        case undefined:
          return;
      }
    });
  }

  private welcome(epoch: string): void {
    const ackedSeq = this.ackedSeq?.(epoch) ?? this.stored(epoch).at(-1)?.seq ?? 0n;
    const { heartbeatIntervalMs } = this;
    this.say({ case: "welcome", value: { site: "harbor", collectorId: "c1", ackedSeq, heartbeatIntervalMs } });
  }

  /** Refuses holes as the hub does; drops what it has. */
  private store(call: ServerDuplexStream<Uplink, Downlink>, epoch: string, events: Event[]): void {
    const stored = this.stored(epoch);
    for (const event of events) {
      const due = (stored.at(-1)?.seq ?? 0n) + 1n;
      if (event.seq > due) {
        call.emit("error", { code: status.FAILED_PRECONDITION, details: `seq ${due} is due, ${event.seq} came` });
        return;
      }
      if (event.seq === due) stored.push(event);
    }
    this.committed.set(epoch, stored);
    if (this.acks) this.say({ case: "ack", value: { seq: stored.at(-1)?.seq ?? 0n } });
  }
}
