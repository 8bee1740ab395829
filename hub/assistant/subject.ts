import type { Database } from "@watchpost/db";
import { incidentEvents, incidents, interfaces, sites } from "@watchpost/db/schema";
import { and, asc, eq } from "drizzle-orm";
import { type IncidentProblem, loadSite, NO_SITE, type SeverityName, type Site } from "../incident/index.ts";
import { type UnheardCollector, unheardCollectors } from "../presence/index.ts";

const PROBLEMS_MAX = 500;
const TITLE_CHARACTERS_MAX = 200;

/** What an analysis is about: the root problem, and everything that stands with it. */
export interface Subject {
  /** Id of the incident; of the session when there is none. */
  key: string;
  incidentId: string | null;
  siteId: string | null;
  siteName: string;
  site: Site;
  title: string;
  severity: SeverityName;
  /** The root first. */
  problems: SubjectProblem[];
  /** Whether the root's object is an interface. */
  onInterface: boolean;
  /** Collectors of the site that do not stream: what is known from them is as of their last word. */
  unheard: UnheardCollector[];
  aboutMs: number;
  question: string;
}

export type SubjectProblem = Pick<IncidentProblem, "kind" | "device" | "object" | "state" | "summary"> & {
  fingerprint: string;
};

/** Undefined when the incident is gone, or another one took it over. */
export async function incidentSubject(
  db: Database,
  incidentId: string,
  question: string,
): Promise<Subject | undefined> {
  const [[row], rows] = await Promise.all([incidentRow(db, incidentId), problemRows(db, incidentId)]);
  if (!row || row.incident.mergedInto !== null) return undefined;
  const { incident } = row;
  const isRoot = (problem: { fingerprint: string }) => Number(problem.fingerprint === incident.fingerprint);
  const problems = rows
    .map((r) => ({ ...r, state: r.state as SubjectProblem["state"] }))
    .toSorted((a, b) => isRoot(b) - isRoot(a));
  const [root] = problems;
  const { siteId } = incident;
  const [site, onInterface, unheard] = await Promise.all([
    siteId === null ? NO_SITE : loadSite(db, siteId),
    root !== undefined && isInterface(db, root.deviceId, root),
    siteId === null ? [] : unheardCollectors(db, siteId),
  ]);
  return {
    key: incidentId,
    incidentId,
    siteId,
    siteName: row.site ?? "",
    site,
    title: incident.alertName,
    severity: incident.severity as SeverityName,
    problems,
    onInterface,
    unheard,
    aboutMs: (root?.firstObservedAt ?? incident.createdAt).getTime(),
    question,
  };
}

/** Read for every analysis: named, so that Postgres plans them once a connection. */
function incidentRow(db: Database, incidentId: string) {
  return db
    .select({ incident: incidents, site: sites.name })
    .from(incidents)
    .leftJoin(sites, eq(incidents.siteId, sites.id))
    .where(eq(incidents.id, incidentId))
    .prepare("incident_of_analysis")
    .execute();
}

function problemRows(db: Database, incidentId: string) {
  return db
    .select()
    .from(incidentEvents)
    .where(eq(incidentEvents.incidentId, incidentId))
    .orderBy(asc(incidentEvents.firstObservedAt))
    .limit(PROBLEMS_MAX)
    .prepare("problems_of_analysis")
    .execute();
}

export interface PlaceRequest {
  sessionId: string;
  siteName: string;
  device: string;
  interface: string;
  aboutMs: number;
  question: string;
}

/** A question about a device, without an incident. Undefined when there is no such site. */
export async function placeSubject(db: Database, request: PlaceRequest): Promise<Subject | undefined> {
  const [row] = await db.select().from(sites).where(eq(sites.name, request.siteName));
  if (!row) return undefined;
  const { device, interface: object } = request;
  const kind = object === "" ? "question" : "interface-question";
  return {
    key: request.sessionId,
    incidentId: null,
    siteId: row.id,
    siteName: row.name,
    site: await loadSite(db, row.id),
    title: titleOf(request),
    severity: "info",
    problems: [{ kind, device, object, state: "moment", summary: request.question, fingerprint: "" }],
    onInterface: object !== "",
    unheard: await unheardCollectors(db, row.id),
    aboutMs: request.aboutMs,
    question: request.question,
  };
}

function titleOf({ device, interface: object, question }: PlaceRequest): string {
  const place = object === "" ? device : `${device} ${object}`;
  return (question === "" ? place : `${place}: ${question}`).slice(0, TITLE_CHARACTERS_MAX);
}

async function isInterface(db: Database, deviceId: string | null, root: SubjectProblem): Promise<boolean> {
  if (root.object === "") return false;
  if (root.kind === "interface-down" || root.kind === "interface-flapping") return true;
  if (deviceId === null) return false;
  const [row] = await db
    .select({ id: interfaces.id })
    .from(interfaces)
    .where(and(eq(interfaces.deviceId, deviceId), eq(interfaces.name, root.object)));
  return row !== undefined;
}
