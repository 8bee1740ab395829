import { incidentEvents, incidents } from "@watchpost/db/schema";
import { and, desc, eq, inArray, lt, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { DiagnosisResult } from "../diagnosis.ts";
import { lookupText, type Tool } from "./tool.ts";

const SIMILAR_MAX = 10;

const parameters = z.object({
  device: z.string().min(1).max(253),
  kind: z.string().min(1).max(60),
});

/** Whether the same device had the same kind of trouble before, and how that ended. */
export const similarTool: Tool<typeof parameters> = {
  name: "similar",
  description: "Past, resolved incidents in which the same device had the same kind of problem, and how they ended.",
  parameters,
  async run(env, scope, { device, kind }) {
    const input = { device, kind };
    const rows =
      scope.siteId === null
        ? []
        : await env.db
            .selectDistinct({
              id: incidents.id,
              number: incidents.number,
              title: incidents.alertName,
              createdAt: incidents.createdAt,
              resolvedAt: incidents.resolvedAt,
              analysis: incidents.aiAnalysis,
            })
            .from(incidents)
            .innerJoin(incidentEvents, eq(incidentEvents.incidentId, incidents.id))
            .where(
              and(
                eq(incidents.siteId, scope.siteId),
                eq(incidents.status, "resolved"),
                sql`${incidents.mergedInto} is null`,
                lt(incidents.createdAt, new Date(scope.aboutMs)),
                inArray(incidentEvents.kind, [kind]),
                eq(incidentEvents.device, device),
                ne(incidentEvents.state, "moment"),
              ),
            )
            .orderBy(desc(incidents.createdAt))
            .limit(SIMILAR_MAX)
            .prepare("similar_incidents")
            .execute();
    const past = rows.map(({ analysis, createdAt, resolvedAt, ...row }) => ({
      ...row,
      createdAt: createdAt.toISOString(),
      minutes: resolvedAt === null ? null : Math.round((resolvedAt.getTime() - createdAt.getTime()) / 60_000),
      cause: DiagnosisResult.safeParse(analysis).data?.root_cause.text ?? null,
    }));
    const [newest] = past;
    const finding = newest
      ? `${past.length} times before (at most ${SIMILAR_MAX} are looked at); the last was INC-${newest.number}, over after ${newest.minutes ?? 0} min${newest.cause === null ? "" : `: ${newest.cause}`}`
      : `${device} never had a resolved ${kind} before`;
    return {
      title: `past ${kind} of ${device}`,
      query: lookupText("similar", input),
      queryArguments: input,
      finding,
      severity: "info",
      result: { count: past.length, countMax: SIMILAR_MAX, incidents: past },
      signals: past.length === 0 ? [] : [{ kind: "seen-before", device, strength: Math.min(1, past.length / 3) }],
    };
  },
};
