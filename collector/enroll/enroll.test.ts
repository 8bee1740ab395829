import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type handleUnaryCall,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerErrorResponse,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Enrollment, EnrollResponseSchema, grpcService, RenewResponseSchema } from "@watchpost/proto";
import { scratchDir } from "../../packaging/parts/index.ts";
import { createTestAuthority, type TestAuthority } from "./authority.fixture.ts";
import { EnrollError, enroll, loadIdentity, renewIfDue } from "./index.ts";

setDefaultTimeout(30_000);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

interface HubOptions {
  authority: TestAuthority;
  implementation: UntypedServiceImplementation;
  mutual?: boolean;
  serverName?: string;
}

async function hub(options: HubOptions): Promise<string> {
  const { key, cert } = await options.authority.server(options.serverName);
  const server = new Server();
  servers.push(server);
  server.addService(grpcService(Enrollment), options.implementation);
  const credentials = ServerCredentials.createSsl(
    options.mutual ? Buffer.from(options.authority.pem) : null,
    [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
    options.mutual ?? false,
  );
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    );
  });
}

/** A gRPC handler from a function of the request. A thrown status is told as it is. */
function unary<Request, Response>(answer: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> {
  const respond = async (request: Request, callback: sendUnaryData<Response>) => {
    try {
      callback(null, await answer(request));
    } catch (error) {
      callback(error as ServerErrorResponse);
    }
  };
  return (call, callback) => void respond(call.request, callback);
}

function accepting(authority: TestAuthority): UntypedServiceImplementation {
  const answer = async (request: { certificateRequest: Uint8Array }) =>
    create(EnrollResponseSchema, {
      collectorId: "c1",
      site: "harbor",
      certificate: await authority.signRequest(request.certificateRequest),
      trust: authority.trust(),
      linkAddress: "127.0.0.1:2",
      remoteWriteUrl: "https://127.0.0.1:3/api/v1/write",
    });
  return { enroll: unary(answer) };
}

function tokenFor(address: string, fingerprint: string): string {
  return `wp1.${Buffer.from(JSON.stringify({ a: address, f: fingerprint, i: "t1", s: "secret" })).toString("base64url")}`;
}

function tryEnroll(token: string, dir = scratchDir("enroll")) {
  return enroll({ token, collectorName: "edge1", dir, version: "0.1.0" });
}

async function refusalOf(promise: Promise<unknown>): Promise<EnrollError> {
  const error = await promise.then(() => undefined).catch((caught: unknown) => caught);
  if (!(error instanceof EnrollError)) throw new Error(`expected an EnrollError, got ${String(error)}`);
  return error;
}

test("a token becomes an identity that is kept for this user alone and survives a restart", async () => {
  const authority = await createTestAuthority();
  const dir = join(scratchDir("enroll"), "identity");
  const store = await tryEnroll(
    tokenFor(await hub({ authority, implementation: accepting(authority) }), authority.fingerprint),
    dir,
  );
  expect(store.current()).toMatchObject({ collectorId: "c1", site: "harbor", linkAddress: "127.0.0.1:2" });
  expect(loadIdentity(dir)?.current()).toEqual(store.current());
  expect(readdirSync(dir)).toEqual(["identity.json"]);
  expect(statSync(join(dir, "identity.json")).mode & 0o777).toBe(0o600);
});

test("a malformed token is told before anything is dialled", async () => {
  for (const token of ["", "hello", "wp1.", "wp1.e30", `wp1.${"A".repeat(5_000)}`]) {
    const error = await refusalOf(tryEnroll(token));
    expect(error.code).toBe("malformed-token");
    expect(error.message).toContain("Copy it again");
  }
});

test("the token is never sent to a hub with another authority", async () => {
  const [authority, other] = [await createTestAuthority(), await createTestAuthority()];
  let calls = 0;
  const implementation = { enroll: () => (calls += 1) };
  const error = await refusalOf(
    tryEnroll(tokenFor(await hub({ authority: other, implementation }), authority.fingerprint)),
  );
  expect(error.code).toBe("wrong-fingerprint");
  expect(calls).toBe(0);
});

test("the token is never sent to a server of the right authority with another name", async () => {
  const authority = await createTestAuthority();
  let calls = 0;
  const implementation = { enroll: () => (calls += 1) };
  const address = await hub({ authority, implementation, serverName: "some-collector" });
  expect((await refusalOf(tryEnroll(tokenFor(address, authority.fingerprint)))).code).toBe("unreachable");
  expect(calls).toBe(0);
});

test("an authority's certificate pasted behind a leaf it did not sign is not enough", async () => {
  const [authority, attacker] = [await createTestAuthority(), await createTestAuthority()];
  let calls = 0;
  const leaf = await attacker.server();
  const forged = {
    ...attacker,
    server: async () => ({
      key: leaf.key,
      cert: `${leaf.cert.split("-----END CERTIFICATE-----")[0]}-----END CERTIFICATE-----\n${authority.pem}`,
    }),
  };
  const address = await hub({ authority: forged, implementation: { enroll: () => (calls += 1) } });
  expect(["unreachable", "wrong-fingerprint"]).toContain(
    (await refusalOf(tryEnroll(tokenFor(address, authority.fingerprint)))).code,
  );
  expect(calls).toBe(0);
});

test("an expired or used token is told in the hub's words", async () => {
  const authority = await createTestAuthority();
  const details = "the enrolment token t1 expired at 2026-01-01T00:00:00.000Z. Make a new one at the hub";
  const implementation = { enroll: unary(() => Promise.reject({ code: status.FAILED_PRECONDITION, details })) };
  const error = await refusalOf(tryEnroll(tokenFor(await hub({ authority, implementation }), authority.fingerprint)));
  expect(error.code).toBe("token-not-accepted");
  expect(error.message).toContain(details);
});

test("a hub that is not there is told with its address and a next step", async () => {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  const error = await refusalOf(tryEnroll(tokenFor(`127.0.0.1:${port}`, "0".repeat(64))));
  expect(error.code).toBe("unreachable");
  expect(error.message).toContain(`127.0.0.1:${port}`);
  expect(error.message).toContain("Is the hub running");
});

test("a damaged identity file is told with the way out", () => {
  const dir = scratchDir("enroll");
  writeFileSync(join(dir, "identity.json"), "{");
  expect(() => loadIdentity(dir)).toThrow(/identity\.json cannot be used.*enrol again/);
  expect(loadIdentity(scratchDir("enroll"))).toBeUndefined();
});

test("renews over mutual TLS after two thirds of its life, with a new key, and not before", async () => {
  const authority = await createTestAuthority();
  const address = await hub({
    authority,
    mutual: true,
    implementation: {
      renew: unary(async (request: { certificateRequest: Uint8Array }) => {
        const certificate = await authority.signRequest(request.certificateRequest);
        return create(RenewResponseSchema, { certificate, trust: authority.trust() });
      }),
    },
  });
  const dir = scratchDir("enroll");
  const nowMs = Date.now();
  const store = await authority.identity(
    dir,
    { linkAddress: address },
    { fromMs: nowMs - 30_000, toMs: nowMs + 60_000 },
  );
  const before = store.current();
  expect((await renewIfDue(store, { nowMs })).kind).toBe("not-due");
  expect((await renewIfDue(store, { nowMs: nowMs + 31_000 })).kind).toBe("renewed");
  expect(store.current().privateKeyPem).not.toBe(before.privateKeyPem);
  expect(readFileSync(join(dir, "identity.json"), "utf8")).toContain(
    JSON.stringify(store.current().privateKeyPem).slice(1, -1),
  );
});

test("a renewal that fails leaves the identity as it was", async () => {
  const authority = await createTestAuthority();
  const nowMs = Date.now();
  const store = await authority.identity(scratchDir("enroll"), {}, { fromMs: nowMs - 90_000, toMs: nowMs + 10_000 });
  const before = store.current();
  expect(await renewIfDue(store, { nowMs })).toMatchObject({
    kind: "failed",
    reason: expect.stringContaining("127.0.0.1:1"),
  });
  expect(store.current()).toEqual(before);
});
