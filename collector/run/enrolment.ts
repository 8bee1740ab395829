import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createBackoff } from "../backoff.ts";
import type { CollectorConfig, Environment } from "../config/index.ts";
import { EnrollError, enroll, type IdentityStore, loadIdentity } from "../enroll/index.ts";
import type { EnrolmentView } from "../status/index.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";

const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 60_000;
const NO_TOKEN = "there is no token. Make one at the hub, then set WATCHPOST_TOKEN or tokenFile and start again.";

const nothing = (): void => undefined;

export interface Enrolment {
  view(): EnrolmentView;
  stop(): void;
}

export interface EnrolmentOptions extends Context {
  /** Called once, when there is an identity: now or after tries. */
  onIdentity(identity: IdentityStore): void;
}

/**
 * Loads the identity, or spends the token for one. A hub that cannot be reached is tried again in the background;
 * a token that is refused, or an identity that is damaged, throws.
 */
export async function startEnrolment(options: EnrolmentOptions): Promise<Enrolment> {
  const { config, dataDir, env, clock, log } = options;
  const dir = join(dataDir, "identity");
  const backoff = createBackoff({ firstMs: RETRY_MS_FIRST, capMs: RETRY_MS_MAX, random: options.random });
  let identity = loadIdentity(dir);
  let message = NO_TOKEN;
  let stopped = false;
  let cancelRetry = nothing;

  async function attempt(token: string): Promise<void> {
    const dialAddress = config.uplinkProxy.enrollment;
    const dial = dialAddress === undefined ? {} : { dialAddress };
    try {
      identity = await enroll({ token, collectorName: config.name, dir, version: VERSION, ...dial });
    } catch (error) {
      if (!(error instanceof EnrollError) || error.code !== "unreachable") throw error;
      message = error.message;
      const waitMs = backoff.nextMs();
      log.warn({ waitMs }, `enrolment: ${message}`);
      if (!stopped) cancelRetry = clock.after(waitMs, () => void retry(token));
      return;
    }
    const { site, collectorId } = identity.current();
    log.info({ site, collectorId }, "enrolled");
    if (!stopped) options.onIdentity(identity);
  }

  async function retry(token: string): Promise<void> {
    try {
      await attempt(token);
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
      log.error(`enrolment: ${message}`);
    }
  }

  const token = identity ? undefined : tokenOf(config, env);
  if (identity) options.onIdentity(identity);
  else if (token !== undefined) await attempt(token);
  else log.warn(`not enrolled: ${NO_TOKEN}`);
  return {
    view: () => (identity ? viewOf(identity) : { state: "not enrolled", message }),
    stop() {
      stopped = true;
      cancelRetry();
    },
  };
}

function tokenOf(config: CollectorConfig, env: Environment): string | undefined {
  const direct = env["WATCHPOST_TOKEN"];
  if (direct !== undefined && direct !== "") return direct.trim();
  if (config.tokenFile === undefined) return undefined;
  try {
    return readFileSync(config.tokenFile, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnrollError("malformed-token", `the token file ${config.tokenFile} cannot be read: ${reason}`);
  }
}

function viewOf(identity: IdentityStore): EnrolmentView {
  const { site, collectorId, certificatePem } = identity.current();
  const certificateEndsMs = new X509Certificate(certificatePem).validToDate.getTime();
  return { state: "enrolled", site, collectorId, certificateEndsMs };
}
