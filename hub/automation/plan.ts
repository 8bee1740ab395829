import type { Database } from "@watchpost/db";
import { collectors, devices, scripts, scriptVersions, sites } from "@watchpost/db/schema";
import { type Parameters, type Rendered, renderArgv } from "@watchpost/proto/script";
import { and, eq } from "drizzle-orm";
import { HubError } from "../error.ts";
import { scriptHash } from "./canonical.ts";
import type { RunPlan, ScriptVersionRow } from "./view.ts";

/** How the path of the body's file is shown where no file exists yet. */
const BODY_SHOWN = "<body>";

/** Ids and values of a run; everything else is looked up. */
export interface RunKeys {
  scriptVersionId: string;
  collectorId: string;
  parameters: Record<string, unknown>;
  targets: string[];
}

/** What a run is made of, as it stands in the database. */
export interface RunParts {
  script: { id: string; name: string };
  version: ScriptVersionRow;
  collector: { id: string; name: string; status: string; allowedScripts: string[] };
  site: string;
  /** Address of the only target; null when there is none, or several, or it has gone. */
  address: string | null;
}

/** What a run would call, and where. Throws `unprocessable` when its argv cannot be made. */
export async function planRun(db: Database, keys: RunKeys): Promise<RunPlan> {
  const parts = await findParts(db, keys);
  const rendered = render(parts, keys);
  if (rendered.kind === "refused") throw new HubError("unprocessable", rendered.reason);
  return { ...shown(parts, keys), argv: rendered.argv };
}

/** The same for a run that is stored already: a device that has gone since leaves its placeholder in sight. */
export function showRun(parts: RunParts, keys: RunKeys): RunPlan {
  const rendered = render(parts, keys);
  return { ...shown(parts, keys), argv: rendered.kind === "rendered" ? rendered.argv : parts.version.argv };
}

async function findParts(db: Database, keys: RunKeys): Promise<RunParts> {
  const [parts] = await db
    .select({ script: scripts, version: scriptVersions, collector: collectors, site: sites.name })
    .from(scriptVersions)
    .innerJoin(scripts, eq(scripts.id, scriptVersions.scriptId))
    .innerJoin(collectors, eq(collectors.id, keys.collectorId))
    .innerJoin(sites, eq(sites.id, collectors.siteId))
    .where(eq(scriptVersions.id, keys.scriptVersionId));
  if (!parts)
    throw new Error(`script version ${keys.scriptVersionId} or collector ${keys.collectorId} is not in the database`);
  const [name, ...others] = keys.targets;
  if (name === undefined || others.length > 0) return { ...parts, address: null };
  const [device] = await db
    .select({ address: devices.ipAddress })
    .from(devices)
    .where(and(eq(devices.collectorId, keys.collectorId), eq(devices.name, name)));
  return { ...parts, address: device?.address ?? null };
}

function render({ version, address }: RunParts, keys: RunKeys): Rendered {
  const [name = ""] = keys.targets;
  return renderArgv(version.argv, {
    parameters: keys.parameters as Parameters,
    schema: version.parameterSchema,
    bodyPath: BODY_SHOWN,
    target: address === null ? undefined : { name, address: address.split("/")[0] ?? address },
  });
}

function shown({ script, version, collector, site }: RunParts, keys: RunKeys): Omit<RunPlan, "argv"> {
  const { id, name } = script;
  return {
    script: { id, name, version: version.version, sha256: scriptHash({ ...version, name }) },
    site,
    collector: { id: collector.id, name: collector.name },
    targets: keys.targets,
    parameters: keys.parameters,
    body: version.body,
    warnings: warningsFor(collector, name),
  };
}

function warningsFor(collector: RunParts["collector"], scriptName: string): string[] {
  const warnings: string[] = [];
  if (collector.status !== "streaming")
    warnings.push(`Collector ${collector.name} is ${collector.status}; the order waits for it until it expires.`);
  if (!collector.allowedScripts.includes(scriptName))
    warnings.push(
      `Collector ${collector.name} does not allow ${scriptName} and will refuse it. Add it to scripts.allow there.`,
    );
  return warnings;
}
