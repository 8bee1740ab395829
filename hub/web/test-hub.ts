/** For tests: a real app over HTTP on a real database, with people to act as. */
import { pino } from "pino";
import { scratchDir, testDatabase } from "../../packaging/parts/index.ts";
import { openBus } from "../bus/index.ts";
import { type Role, systemClock } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import { createApiToken, createSignInLink, createUser, ensureFirstAdmin, openKeys } from "../identity/index.ts";
import { LinkRegistry } from "../link/index.ts";
import { createMeters } from "../status/index.ts";
import { createApp } from "./app.ts";
import type { WebDependencies } from "./dependencies.ts";
import { serveWeb } from "./serve.ts";
import { createLiveStreams } from "./stream/index.ts";

export interface TestHub {
  hub: Hub;
  deps: WebDependencies;
  url: string;
  bearer: Record<Role, { authorization: string }>;
  /** Secret of a fresh sign-in link of the admin. */
  signInSecret(): Promise<string>;
  /** Value of a Cookie header of a signed-in admin. */
  signIn(): Promise<string>;
  close(): Promise<void>;
}

export async function startTestHub(more: Partial<WebDependencies> = {}): Promise<TestHub> {
  const database = await testDatabase();
  const log = pino({ level: "silent" });
  const bus = await openBus(database.sql, (error) => log.error(error));
  const hub: Hub = { db: database.db, sql: database.sql, bus, clock: systemClock, log, metrics: undefined };
  const streams = createLiveStreams({ heartbeatMs: 200 });
  const deps: WebDependencies = {
    hub,
    publicUrl: new URL("http://127.0.0.1"),
    streams,
    meters: createMeters(),
    links: new LinkRegistry(),
    keys: await openKeys(scratchDir("keys"), systemClock),
    enrollmentAddress: "127.0.0.1:1",
    ...more,
  };
  const server = serveWeb(createApp(deps), { hostname: "127.0.0.1", port: 0 });
  const url = server.url.origin;
  const signInSecret = async () => (await createSignInLink(contextFor(hub, { kind: "system" }), {})).secret;
  return {
    hub,
    deps,
    url,
    bearer: await bearers(hub),
    signInSecret,
    async signIn() {
      const body = new URLSearchParams({ token: await signInSecret() });
      const headers = { origin: url };
      const response = await fetch(`${url}/sign-in`, { method: "POST", body, headers, redirect: "manual" });
      return response.headers.get("set-cookie")?.split(";")[0] ?? "";
    },
    async close() {
      deps.streams.close();
      deps.meters.stop();
      await server.stop();
      await bus.close();
      await database.close();
    },
  };
}

async function bearers(hub: Hub): Promise<TestHub["bearer"]> {
  const ctx = contextFor(hub, { kind: "system" });
  await ensureFirstAdmin(ctx);
  const one = async (role: Role) => {
    const userEmail = `${role}@example.net`;
    await createUser(ctx, { email: userEmail, name: role, role });
    const { token } = await createApiToken(ctx, { name: `${role}-token`, userEmail, role });
    return { authorization: `Bearer ${token}` };
  };
  return { viewer: await one("viewer"), operator: await one("operator"), admin: await one("admin") };
}
