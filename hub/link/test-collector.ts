/** For tests: a plain grpc-js client that enrols and streams over real mutual TLS. */
import { type ClientDuplexStream, credentials, makeClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import * as x509 from "../identity/authority/x509.ts";
import {
  type Downlink,
  Enrollment,
  type EnrollResponse,
  EnrollRequestSchema,
  grpcService,
  HelloSchema,
  Link,
  RenewRequestSchema,
  type RenewResponse,
  type Uplink,
  UplinkSchema,
} from "@watchpost/proto";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const OPTIONS = { "grpc.ssl_target_name_override": "watchpost-hub" };
const ANSWER_DEADLINE_MS = 5_000;

const EnrollmentClient = makeClientConstructor(grpcService(Enrollment), "Enrollment");
const LinkClient = makeClientConstructor(grpcService(Link), "Link");

export interface ClientIdentity {
  authorityPem: string;
  certificatePem: string;
  keyPem: string;
}

export async function newKey() {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=collector",
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keys, request: new Uint8Array(request.rawData), keyPem: x509.PemConverter.encode(key, "PRIVATE KEY") };
}

export interface EnrolledClient {
  response: EnrollResponse;
  identity: ClientIdentity;
}

export async function enrollClient(
  address: string,
  authorityPem: string,
  token: string,
  name: string,
): Promise<EnrolledClient> {
  const { request, keyPem } = await newKey();
  const client = new EnrollmentClient(address, credentials.createSsl(Buffer.from(authorityPem)), OPTIONS);
  try {
    const message = create(EnrollRequestSchema, {
      token,
      certificateRequest: request,
      collectorName: name,
      collectorVersion: "1.2.3",
    });
    const response = await unary<EnrollResponse>(client, "enroll", message);
    const certificatePem = x509.PemConverter.encode(Uint8Array.from(response.certificate), "CERTIFICATE");
    return { response, identity: { authorityPem, certificatePem, keyPem } };
  } finally {
    client.close();
  }
}

export async function renewClient(address: string, identity: ClientIdentity): Promise<ClientIdentity> {
  const { request, keyPem } = await newKey();
  const client = new EnrollmentClient(address, mutual(identity), OPTIONS);
  try {
    const message = create(RenewRequestSchema, { certificateRequest: request });
    const response = await unary<RenewResponse>(client, "renew", message);
    const certificatePem = x509.PemConverter.encode(Uint8Array.from(response.certificate), "CERTIFICATE");
    return { ...identity, certificatePem, keyPem };
  } finally {
    client.close();
  }
}

function unary<Response>(
  client: InstanceType<typeof EnrollmentClient>,
  method: string,
  message: object,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call: unknown = client[method];
    if (typeof call !== "function") throw new Error(`no method ${method}`);
    call.call(
      client,
      message,
      { deadline: Date.now() + ANSWER_DEADLINE_MS },
      (error: ServiceError | null, response: Response) => (error ? reject(error) : resolve(response)),
    );
  });
}

function mutual(identity: ClientIdentity) {
  const { authorityPem, certificatePem, keyPem } = identity;
  return credentials.createSsl(Buffer.from(authorityPem), Buffer.from(keyPem), Buffer.from(certificatePem));
}

type Case = NonNullable<Downlink["message"]["case"]>;
type ValueOf<C extends Case> = Extract<Downlink["message"], { case: C }>["value"];

/** One stream, with everything it received. */
export class TestStream {
  readonly received: Downlink["message"][] = [];
  ended: ServiceError | "end" | undefined;
  readonly #client: InstanceType<typeof LinkClient>;
  readonly #call: ClientDuplexStream<Uplink, Downlink>;

  constructor(address: string, identity: ClientIdentity) {
    this.#client = new LinkClient(address, mutual(identity), OPTIONS);
    const connect: unknown = this.#client["connect"];
    if (typeof connect !== "function") throw new Error("no method connect");
    this.#call = connect.call(this.#client) as ClientDuplexStream<Uplink, Downlink>;
    this.#call.on("data", (downlink: Downlink) => this.received.push(downlink.message));
    this.#call.on("error", (error: ServiceError) => {
      this.ended = error;
    });
    this.#call.on("end", () => {
      this.ended ??= "end";
    });
  }

  send(message: Uplink["message"]): void {
    this.#call.write(create(UplinkSchema, { message }));
  }

  hello(outboxEpoch: string, configVersion = 0): Promise<ValueOf<"welcome">> {
    const hello = create(HelloSchema, {
      outboxEpoch,
      configVersion,
      collectorVersion: "1.2.3",
      allowedScripts: ["ping"],
    });
    this.send({ case: "hello", value: hello });
    return this.next("welcome");
  }

  /** The oldest message of that kind not taken yet. */
  async next<C extends Case>(wanted: C): Promise<ValueOf<C>> {
    const deadline = Date.now() + ANSWER_DEADLINE_MS;
    while (Date.now() < deadline) {
      const at = this.received.findIndex((m) => m.case === wanted);
      const [message] = at === -1 ? [] : this.received.splice(at, 1);
      if (message) return message.value as ValueOf<C>;
      if (this.ended) throw new Error(`the stream ended before ${wanted}: ${this.ended}`);
      await Bun.sleep(5);
    }
    throw new Error(`no ${wanted} in ${ANSWER_DEADLINE_MS} ms; got ${this.received.map((m) => m.case).join(", ")}`);
  }

  /** How the stream ended. */
  async end(): Promise<ServiceError | "end"> {
    const deadline = Date.now() + ANSWER_DEADLINE_MS;
    while (!this.ended && Date.now() < deadline) await Bun.sleep(5);
    if (!this.ended) throw new Error(`the stream did not end in ${ANSWER_DEADLINE_MS} ms`);
    return this.ended;
  }

  /** From now on nothing is read any more, as by a process that hangs. */
  stopReading(): void {
    this.#call.pause();
  }

  /** Messages handed in that the connection has not taken. */
  get unsent(): number {
    return this.#call.writableLength;
  }

  close(): void {
    this.#call.cancel();
    this.#client.close();
  }
}
