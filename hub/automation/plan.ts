import type { Database, Transaction } from "@watchpost/db";
import { collectors, devices, scripts, scriptVersions, sites } from "@watchpost/db/schema";
import { type Parameters, renderArgv } from "@watchpost/proto/script";
import { and, eq, inArray } from "drizzle-orm";
import { HubError } from "../error.ts";
import { scriptHash } from "./canonical.ts";
import type { RunPlan } from "./view.ts";

/** How the path of the body's file is shown where no file exists yet. */
const BODY_SHOWN = "<body>";

/** Ids and values of a run; everything else is looked up. */
export interface RunKeys {
  scriptVersionId: string;
  collectorId: string;
  parameters: Record<string, unknown>;
  targets: string[];
}

/** What a run would call, and where. Throws `unprocessable` when its argv cannot be made. */
export async function planRun(db: Database | Transaction, keys: RunKeys): Promise<RunPlan> {
  const plan = await lookUp(db, keys);
  if (plan.rendered.kind === "refused") throw new HubError("unprocessable", plan.rendered.reason);
  return { ...plan.shown, argv: plan.rendered.argv };
}

/** The same for a run that is stored already: a device that has gone since leaves its placeholder in sight. */
export async function showRun(db: Database | Transaction, keys: RunKeys): Promise<RunPlan> {
  const plan = await lookUp(db, keys);
  return { ...plan.shown, argv: plan.rendered.kind === "rendered" ? plan.rendered.argv : plan.template };
}

async function lookUp(db: Database | Transaction, keys: RunKeys) {
  const [script] = await db
    .select({ script: scripts, version: scriptVersions })
    .from(scriptVersions)
    .innerJoin(scripts, eq(scripts.id, scriptVersions.scriptId))
    .where(eq(scriptVersions.id, keys.scriptVersionId));
  const [place] = await db
    .select({ collector: collectors, site: sites.name })
    .from(collectors)
    .innerJoin(sites, eq(sites.id, collectors.siteId))
    .where(eq(collectors.id, keys.collectorId));
  if (!script || !place)
    throw new Error(`script version ${keys.scriptVersionId} or collector ${keys.collectorId} is not in the database`);
  const { id, name } = script.script;
  const { collector, site } = place;
  const rendered = renderArgv(script.version.argv, {
    parameters: keys.parameters as Parameters,
    schema: script.version.parameterSchema,
    bodyPath: BODY_SHOWN,
    target: await onlyTarget(db, keys),
  });
  const shown = {
    script: { id, name, version: script.version.version, sha256: scriptHash({ ...script.version, name }) },
    site,
    collector: { id: collector.id, name: collector.name },
    targets: keys.targets,
    parameters: keys.parameters,
    body: script.version.body,
    warnings: warningsFor(collector, name),
  };
  return { shown, rendered, template: script.version.argv };
}

async function onlyTarget(db: Database | Transaction, keys: RunKeys) {
  if (keys.targets.length !== 1) return undefined;
  const [device] = await db
    .select({ name: devices.name, address: devices.ipAddress })
    .from(devices)
    .where(and(eq(devices.collectorId, keys.collectorId), inArray(devices.name, keys.targets)));
  return device && { name: device.name, address: device.address.split("/")[0] ?? device.address };
}

function warningsFor(collector: typeof collectors.$inferSelect, scriptName: string): string[] {
  const warnings: string[] = [];
  if (collector.status !== "streaming")
    warnings.push(`Collector ${collector.name} is ${collector.status}; the order waits for it until it expires.`);
  if (!collector.allowedScripts.includes(scriptName))
    warnings.push(
      `Collector ${collector.name} does not allow ${scriptName} and will refuse it. Add it to scripts.allow there.`,
    );
  return warnings;
}
