import { OpenAPIHono } from "@hono/zod-openapi";
import { type IncidentFilterView, IncidentPage, IncidentsPage } from "@watchpost/ui";
import { listSites, type SiteSummary } from "../../device/index.ts";
import { may } from "../../identity/index.ts";
import { getIncident } from "../../incident/index.ts";
import type { WebApp, WebEnv } from "../request.ts";
import {
  type IncidentFilter,
  incidentFilter,
  incidentQuery,
  loadIncident,
  loadIncidents,
  type Views,
} from "../view/index.ts";
import { requireId } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

const STATUSES = [
  ["open", "Open"],
  ["new", "New"],
  ["acknowledged", "Acknowledged"],
  ["in_progress", "In progress"],
  ["silenced", "Silenced"],
  ["resolved", "Resolved"],
  ["all", "All"],
] as const;

/** What people say and paste: INC-42, or 42. */
const INCIDENT_NUMBER = /^(?:inc-)?\d{1,15}$/i;

export function incidentRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/incidents", async (c) => {
    const source = readerOf(views, c);
    const filter = incidentFilter(c.req.query());
    const live = `incidents?${incidentQuery(filter)}`;
    const shell = await shellFor(c, source, {
      section: "incidents",
      title: "Incidents",
      where: [{ label: "Incidents" }],
      live,
    });
    const [view, sites] = await Promise.all([loadIncidents(source, filter), listSites(source.ctx)]);
    const mayChange = may(source.role, "incident:acknowledge");
    return c.html(<IncidentsPage shell={shell} view={view} filter={filterView(filter, sites)} mayChange={mayChange} />);
  });

  app.get("/incidents/:id", async (c) => {
    const source = readerOf(views, c);
    const reference = c.req.param("id");
    if (INCIDENT_NUMBER.test(reference)) {
      const { incident } = await getIncident(source.ctx, reference);
      return c.redirect(`/incidents/${incident.id}`, 303);
    }
    const id = requireId("incident", reference);
    const shell = await shellFor(c, source, {
      section: "incidents",
      title: "Incident",
      where: [{ label: "Incidents", href: "/incidents" }],
      live: `incident/${id}`,
    });
    const view = await loadIncident(source, id);
    const name = `INC-${view.head.number}`;
    const title = `${name} ${view.head.title}`;
    return c.html(<IncidentPage shell={{ ...shell, title, where: [...shell.where, { label: name }] }} view={view} />);
  });
  return app;
}

function filterView(filter: IncidentFilter, sites: readonly SiteSummary[]): IncidentFilterView {
  return {
    ...filter,
    sites: sites.map(({ name, title }) => ({ name, title })),
    statuses: STATUSES.map(([value, label]) => ({
      value,
      label,
      href: `/incidents?${incidentQuery({ ...filter, status: value })}`,
    })),
  };
}
