import { join } from "node:path";
import { migrate } from "@watchpost/db";
import { systemClock } from "../context.ts";
import type { HubConfig } from "../config/index.ts";
import { createEnrollmentToken, createSignInLink, openKeys } from "../identity/index.ts";
import { readRunningFile, signInUrl } from "../run/index.ts";
import { onDatabase } from "./on-database.ts";

/** What a command prints: text for people, JSON for programs. */
export interface Printed {
  text: string;
  json: Record<string, unknown>;
}

export async function createToken(
  config: HubConfig,
  input: { site: string; expiresInMs: number; address: string | undefined },
): Promise<Printed> {
  return onDatabase(config, async (ctx, running) => {
    const address = input.address ?? running?.grpc;
    if (address === undefined) {
      throw new Error(
        "the enrolment address is unknown while no hub runs on this data folder. Give it: --address HOST:PORT",
      );
    }
    const { certificates } = await openKeys(join(config.dataDir, "hub"), systemClock);
    const { site, expiresInMs } = input;
    const made = await createEnrollmentToken(ctx, {
      site,
      expiresInMs,
      address,
      caFingerprint: certificates.fingerprint,
    });
    const expiresAt = made.expiresAt.toISOString();
    return { text: made.token, json: { token: made.token, site, address, expiresAt } };
  });
}

export async function createLink(config: HubConfig, email: string | undefined): Promise<Printed> {
  return onDatabase(config, async (ctx, running) => {
    const base = config.publicUrl ?? running?.url;
    if (base === undefined) {
      throw new Error("the hub's URL is unknown while no hub runs on this data folder. Set WATCHPOST_PUBLIC_URL.");
    }
    const link = await createSignInLink(ctx, email === undefined ? {} : { userEmail: email });
    const url = signInUrl(base, link.secret);
    return { text: url, json: { signInUrl: url, email: link.email, expiresAt: link.expiresAt.toISOString() } };
  });
}

export async function migrateDatabase(config: HubConfig): Promise<Printed> {
  const databaseUrl = config.databaseUrl ?? readRunningFile(config.dataDir)?.databaseUrl;
  if (databaseUrl === undefined) {
    throw new Error("hub migrate needs DATABASE_URL. The hub migrates the database it starts itself on its own.");
  }
  const { applied } = await migrate(databaseUrl);
  const text =
    applied.length === 0 ? "nothing to do: the database is of this version" : `applied ${applied.join(", ")}`;
  return { text, json: { applied } };
}
