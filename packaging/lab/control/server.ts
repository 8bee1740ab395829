import { randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type ActiveFault, FAULTS, FaultRequestError, type FaultRequest } from "../fault/index.ts";
import type { LabDevice, LabSiteConfig } from "../site-config.ts";
import type { UplinkPorts, UplinkTargets } from "../uplink/index.ts";
import { removeControlFile, writeControlFile } from "./file.ts";

/** What the control API needs of a lab. */
export interface Controlled {
  readonly devices: readonly LabDevice[];
  readonly uplink: { readonly ports: UplinkPorts; setTargets: (targets: UplinkTargets) => void };
  siteConfig: () => LabSiteConfig;
  faults: () => ActiveFault[];
  inject: (name: string, request?: FaultRequest) => ActiveFault;
  clear: (which?: string) => ActiveFault[];
}

const BODY_BYTES_MAX = 16_384;
const hostPort = z.string().max(300);
const injectSchema = z.strictObject({
  name: z.string().max(100),
  device: z.string().max(100).optional(),
  interface: z.string().max(100).optional(),
  seed: z.int().optional(),
});
const targetsSchema = z.strictObject({ link: hostPort, enrollment: hostPort, remoteWrite: hostPort }).partial();

/** Loopback HTTP for `lab fault` and `lab devices`; every request carries the token of control.json. */
export class ControlServer {
  readonly #server: Bun.Server<undefined>;
  readonly #path: string;
  readonly #token: string;

  private constructor(lab: Controlled, path: string) {
    this.#path = path;
    this.#token = randomBytes(32).toString("base64url");
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      maxRequestBodySize: BODY_BYTES_MAX,
      development: false,
      error: (error) => problem(500, "internal", error.message),
      fetch: (request) => this.#answer(lab, request),
    });
    writeControlFile(path, { url: this.#server.url.href, token: this.#token });
  }

  static open(lab: Controlled, path: string): ControlServer {
    return new ControlServer(lab, path);
  }

  async close(): Promise<void> {
    removeControlFile(this.#path, this.#token);
    await this.#server.stop(true);
  }

  async #answer(lab: Controlled, request: Request): Promise<Response> {
    if (!this.#allowed(request)) return problem(401, "unauthorized", "the bearer token of control.json is needed");
    try {
      return await route(lab, request);
    } catch (error) {
      if (error instanceof FaultRequestError) return problem(404, error.code, error.message);
      if (error instanceof z.ZodError) return problem(400, "bad-request", z.prettifyError(error));
      if (error instanceof SyntaxError || error instanceof RangeError)
        return problem(400, "bad-request", error.message);
      throw error;
    }
  }

  #allowed(request: Request): boolean {
    const given = Buffer.from(request.headers.get("authorization") ?? "");
    const due = Buffer.from(`Bearer ${this.#token}`);
    return given.length === due.length && timingSafeEqual(given, due);
  }
}

async function route(lab: Controlled, request: Request): Promise<Response> {
  const url = new URL(request.url);
  switch (`${request.method} ${url.pathname}`) {
    case "GET /devices":
      return Response.json(lab.devices);
    case "GET /site-config":
      return Response.json(lab.siteConfig());
    case "GET /uplink":
      return Response.json(lab.uplink.ports);
    case "PUT /uplink/targets":
      lab.uplink.setTargets(definedOnly(targetsSchema.parse(await request.json())));
      return Response.json(lab.uplink.ports);
    case "GET /faults":
      return Response.json({ known: knownFaults(), active: lab.faults() });
    case "POST /faults": {
      const { name, ...target } = injectSchema.parse(await request.json());
      return Response.json(lab.inject(name, definedOnly(target)), { status: 201 });
    }
    case "DELETE /faults":
      return Response.json(lab.clear(url.searchParams.get("which") ?? undefined));
    default:
      return problem(404, "not-found", `no ${request.method} ${url.pathname.slice(0, 100)} here`);
  }
}

export interface KnownFault {
  name: string;
  summary: string;
  /** Where it strikes when nothing is named. */
  usual: string;
}

export function knownFaults(): KnownFault[] {
  return Object.entries(FAULTS).map(([name, kind]) => {
    const usual = kind.on === "site" ? "site" : kind.on === "device" ? kind.device : `${kind.device} ${kind.interface}`;
    return { name, summary: kind.summary, usual };
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function definedOnly<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function problem(status: number, code: string, detail: string): Response {
  return Response.json({ status, code, detail }, { status });
}
