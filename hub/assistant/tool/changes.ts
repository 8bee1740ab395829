import { approvals, events, scriptExecutions } from "@watchpost/db/schema";
import { and, between, desc, eq, gte, inArray, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { LIST_MAX, listed, lookupText, type Signal, type Tool, type ToolEnv, type ToolScope } from "./tool.ts";

const BEFORE_MS = 60 * 60_000;
const AFTER_MS = 5 * 60_000;
const DEVICES_MAX = 50;

const parameters = z.object({ devices: z.array(z.string().min(1).max(253)).min(1).max(DEVICES_MAX) });

/** What was changed on these devices in the hour before: configuration, reboots, renumbering, scripts. */
export const changesTool: Tool<typeof parameters> = {
  name: "changes",
  description:
    "What changed on the named devices in the hour before the incident: configuration changes, reboots, interface renumbering, scripts that ran against them.",
  parameters,
  async run(env, scope, { devices }) {
    const [happened, scripts] = await Promise.all([changeEvents(env, scope, devices), scriptRuns(env, scope, devices)]);
    const lines = [
      ...happened.map((row) => `${row.kind} of ${row.device} (${minutes(scope, row.observedAt)})`),
      ...scripts.map((row) => `script for ${row.targets.join(", ")} (${minutes(scope, row.createdAt)})`),
    ];
    const input = { devices };
    return {
      title: `changes on ${listed(devices)}`,
      query: lookupText("changes", input),
      queryArguments: input,
      finding: lines.length === 0 ? `no change on ${listed(devices)} in the hour before` : listed(lines),
      severity: lines.length === 0 ? "info" : "warning",
      result: {
        count: lines.length,
        events: happened.map((row) => ({
          at: row.observedAt.toISOString(),
          kind: row.kind,
          device: row.device,
          summary: row.summary,
        })),
        scripts: scripts.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })),
        minutesBefore: [
          ...happened.map((row) => minutesBefore(scope, row.observedAt)),
          ...scripts.map((row) => minutesBefore(scope, row.createdAt)),
        ],
      },
      signals: [
        ...happened.map(
          (row): Signal => ({
            kind: row.kind === "device-reboot" ? "rebooted" : "config-changed",
            device: row.device,
            strength: recency(scope, row.observedAt),
          }),
        ),
        ...scripts.flatMap((row) =>
          row.targets.map(
            (device): Signal => ({ kind: "config-changed", device, strength: recency(scope, row.createdAt) }),
          ),
        ),
      ],
    };
  },
};

async function changeEvents(env: ToolEnv, scope: ToolScope, devices: string[]) {
  const { kind, device, observedAt, summary } = events;
  return env.db
    .select({ kind, device, observedAt, summary })
    .from(events)
    .where(
      and(
        scope.siteId === null ? isNull(events.siteId) : eq(events.siteId, scope.siteId),
        inArray(events.device, devices),
        inArray(events.kind, ["config-change", "device-reboot", "interface-renumbered"]),
        between(events.observedAt, new Date(scope.aboutMs - BEFORE_MS), new Date(scope.aboutMs + AFTER_MS)),
        gte(events.receivedAt, new Date(scope.aboutMs - 86_400_000)),
      ),
    )
    .orderBy(desc(events.observedAt))
    .limit(LIST_MAX);
}

async function scriptRuns(env: ToolEnv, scope: ToolScope, devices: string[]) {
  return env.db
    .select({
      executionId: scriptExecutions.id,
      status: scriptExecutions.status,
      targets: approvals.targets,
      createdAt: scriptExecutions.createdAt,
    })
    .from(scriptExecutions)
    .innerJoin(approvals, eq(scriptExecutions.approvalId, approvals.id))
    .where(
      and(
        between(scriptExecutions.createdAt, new Date(scope.aboutMs - BEFORE_MS), new Date(scope.aboutMs + AFTER_MS)),
        eq(approvals.dryRun, false),
        sql`${approvals.targets} ?| array[${sql.join(
          devices.map((name) => sql`${name}`),
          sql`, `,
        )}]::text[]`,
        scope.siteId === null
          ? sql`false`
          : sql`exists (select 1 from control_plane.collectors c where c.id = ${approvals.collectorId} and c.site_id = ${scope.siteId})`,
      ),
    )
    .orderBy(desc(scriptExecutions.createdAt))
    .limit(LIST_MAX)
    .prepare("scripts_of_devices")
    .execute();
}

/** 1 for a change just before, falling to a third at the end of the hour; little for one that came after. */
function recency(scope: ToolScope, at: Date): number {
  const before = minutesBefore(scope, at);
  return before < 0 ? 0.3 : Math.max(1 / 3, 1 - before / 60);
}

function minutesBefore(scope: ToolScope, at: Date): number {
  return Math.round((scope.aboutMs - at.getTime()) / 60_000);
}

function minutes(scope: ToolScope, at: Date): string {
  const before = minutesBefore(scope, at);
  return before >= 0 ? `${before} min before` : `${-before} min after`;
}
