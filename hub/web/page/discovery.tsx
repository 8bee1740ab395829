import { OpenAPIHono } from "@hono/zod-openapi";
import { DiscoveryPage, type ScanFormView } from "@watchpost/ui";
import { type Accepted, acceptProposals, cancelScan, rejectProposal, startScan } from "../../discovery/index.ts";
import { HubError } from "../../error.ts";
import type { WebDependencies } from "../dependencies.ts";
import type { WebApp, WebEnv, WebRequest } from "../request.ts";
import {
  type DiscoveryFilter,
  discoveryFilter,
  discoveryQuery,
  discoveryRegions,
  loadProposals,
  loadScanForm,
  loadScans,
  type Source,
  type Views,
} from "../view/index.ts";
import { answer, formFields, requireId } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

const RANGES_LENGTH_MAX = 2_000;
const IDS_LENGTH_MAX = 8_000;

/** Scans, and the decision about what they found. */
export function discoveryRoutes(views: Views, { links }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/discovery", async (c) => {
    const source = readerOf(views, c);
    return show(c, source, { filter: discoveryFilter(c.req.query()), form: await loadScanForm(source) });
  });

  app.post("/discovery", async (c) => {
    const source = readerOf(views, c);
    const fields = await formFields(c);
    const ranges = (fields["ranges"] ?? "").slice(0, RANGES_LENGTH_MAX);
    const collectorId = fields["collector"] ?? "";
    try {
      const wanted = ranges.split(/[\s,;]+/).filter((range) => range !== "");
      await startScan(source.ctx, links, { collectorId: requireId("collector", collectorId), ranges: wanted });
      return c.redirect("/discovery", 303);
    } catch (error) {
      if (!(error instanceof HubError) || !CORRECTABLE.has(error.code)) throw error;
      const form = { ...(await loadScanForm(source)), ranges, collectorId, problem: error.message };
      return show(c, source, { filter: discoveryFilter({}), form });
    }
  });

  app.post("/discovery/scans/:id/cancel", async (c) => {
    const source = readerOf(views, c);
    const result = await cancelScan(source.ctx, links, { scanId: requireId("scan", c.req.param("id")) });
    return decided(c, source, result.kind === "already-ended" ? `It has ended already: ${result.status}.` : undefined);
  });

  app.post("/discovery/proposals/accept", async (c) => {
    const source = readerOf(views, c);
    const ids = ((await formFields(c))["ids"] ?? "").slice(0, IDS_LENGTH_MAX).split(",");
    const proposals = ids.map((id) => ({ proposalId: requireId("proposal", id) }));
    return decided(c, source, wordFor(await acceptProposals(source.ctx, links, { proposals })));
  });

  app.post("/discovery/proposals/:id/accept", async (c) => {
    const source = readerOf(views, c);
    const proposalId = requireId("proposal", c.req.param("id"));
    const name = (await formFields(c))["name"]?.trim();
    const wanted = { proposalId, ...(name === undefined || name === "" ? {} : { name }) };
    return decided(c, source, wordFor(await acceptProposals(source.ctx, links, { proposals: [wanted] })));
  });

  app.post("/discovery/proposals/:id/reject", async (c) => {
    const source = readerOf(views, c);
    const result = await rejectProposal(source.ctx, { proposalId: requireId("proposal", c.req.param("id")) });
    return decided(c, source, result.kind === "rejected" ? undefined : `It was decided already: ${result.status}.`);
  });
  return app;
}

/** What the one who typed can put right. */
const CORRECTABLE = new Set(["bad-request", "conflict", "not-found"]);

function wordFor(result: Accepted): string | undefined {
  if (result.kind === "already-decided") return `${result.by} was faster: it is ${result.status}.`;
  return result.sent ? undefined : "Its collector is away: it starts to poll when it comes back.";
}

/** A button's answer: the lists as they are now, in the filter of the page that asked. */
async function decided(c: WebRequest, source: Source, text: string | undefined): Promise<Response> {
  const asked = URL.parse(c.req.header("hx-current-url") ?? "");
  const filter = discoveryFilter(Object.fromEntries(asked?.searchParams ?? []));
  return answer(c, {
    regions: await discoveryRegions(source, filter),
    back: "/discovery",
    ...(text === undefined ? {} : { say: { tone: "warning" as const, text } }),
  });
}

async function show(
  c: WebRequest,
  source: Source,
  { filter, form }: { filter: DiscoveryFilter; form: ScanFormView },
): Promise<Response> {
  const shell = await shellFor(c, source, {
    section: "discovery",
    title: "Discovery",
    where: [{ label: "Discovery" }],
    live: `discovery?${discoveryQuery(filter)}`,
  });
  const [scans, proposals] = await Promise.all([loadScans(source), loadProposals(source, filter)]);
  const view = { form, scans, proposals, search: filter.search };
  return c.html(<DiscoveryPage shell={shell} view={view} />, form.problem === undefined ? 200 : 422);
}
