import { compress } from "snappyjs";
import type { TestAuthority } from "../enroll/authority.fixture.ts";

const HEADERS = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };

export type Behaviour =
  | { kind: "forward" }
  | { kind: "answer"; status: number; text?: string; headers?: Record<string, string> }
  /** Stores the samples, but nobody learns of it. */
  | { kind: "forward-and-hang" };

/** A server in front of a real store that can misbehave, and go away and come back at its port. */
export class TestGateway {
  behaviour: (body: Uint8Array) => Behaviour = () => ({ kind: "forward" });
  requests = 0;
  hosts = new Set<string>();
  authorizations = new Set<string | null>();
  encodings: (string | null)[] = [];
  /** Answers the question for VictoriaMetrics' own protocol, and takes zstd. */
  takesZstd = false;
  /** What it says of the store behind it, as the hub's gateway does. */
  storeStartS: number | undefined;
  private readonly storeUrl: string;
  private readonly tls: { key: string; cert: string; ca: string } | undefined;
  private server: Bun.Server<undefined> | undefined;
  private port = 0;

  private constructor(storeUrl: string, tls?: { key: string; cert: string; ca: string }) {
    this.storeUrl = storeUrl;
    this.tls = tls;
  }

  static async start(storeUrl: string, authority?: TestAuthority, serverName?: string): Promise<TestGateway> {
    const tls = authority ? { ...(await authority.server(serverName)), ca: authority.pem } : undefined;
    const gateway = new TestGateway(storeUrl, tls);
    gateway.open();
    return gateway;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `${this.tls ? "https" : "http"}://${this.address}/api/v1/write`;
  }

  open(): void {
    this.server = Bun.serve({
      hostname: "127.0.0.1",
      port: this.port,
      ...(this.tls ? { tls: { ...this.tls, requestCert: true, rejectUnauthorized: true } } : {}),
      fetch: (request) => this.serve(request),
    });
    this.port = this.server.port ?? 0;
  }

  async close(): Promise<void> {
    await this.server?.stop(true);
  }

  /** In snappy, as the store behind wants it. */
  private async bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer>> {
    const body = new Uint8Array(await request.arrayBuffer());
    return request.headers.get("content-encoding") === "zstd"
      ? compress(new Uint8Array(Bun.zstdDecompressSync(body)))
      : body;
  }

  private async serve(request: Request): Promise<Response> {
    if (request.method === "GET")
      return new Response(this.takesZstd ? "1" : "", { status: this.takesZstd ? 200 : 404 });
    this.requests += 1;
    this.authorizations.add(request.headers.get("authorization"));
    this.encodings.push(request.headers.get("content-encoding"));
    this.hosts.add(request.headers.get("host") ?? "");
    const body = await this.bodyOf(request);
    const behaviour = this.behaviour(body);
    if (behaviour.kind === "answer") {
      const { status, headers } = behaviour;
      return new Response(behaviour.text ?? "", { status, ...(headers ? { headers } : {}) });
    }
    const stored = await fetch(`${this.storeUrl}/api/v1/write`, { method: "POST", body, headers: HEADERS });
    if (behaviour.kind === "forward-and-hang") await Bun.sleep(5_000);
    const headers = this.storeStartS === undefined ? {} : { "x-watchpost-store-start": String(this.storeStartS) };
    return new Response(await stored.text(), { status: stored.status === 204 ? 200 : stored.status, headers });
  }
}
