import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import {
  acceptProposals,
  cancelScan,
  getScan,
  listProposals,
  listScans,
  PROPOSAL_STATUSES,
  rejectProposal,
  SCAN_STATUSES,
  startScan,
} from "../../discovery/index.ts";
import { HubError } from "../../error.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, body, idParam, nextCursor, ok, pageQuery, time } from "./route.ts";

const confidence = z.enum(["low", "medium", "high"]);
const named = z.object({ id: z.uuid(), name: z.string() });

const scanSchema = z
  .object({
    id: z.uuid(),
    site: z.string(),
    collector: named,
    ranges: z.array(z.string()),
    status: z.enum(SCAN_STATUSES),
    reason: z.string(),
    addressesTotal: z.int(),
    addressesDone: z.int(),
    devicesFound: z.int().describe("Addresses with an agent that answered; duplicates are merged at the end."),
    packetsSent: z.int(),
    isCancelling: z.boolean(),
    requestedBy: z.string().nullable(),
    createdAt: time,
    finishedAt: time.nullable(),
  })
  .openapi("Scan");

const linkEnd = z.object({ proposalId: z.uuid().optional(), system: z.string(), port: z.string() });

const scanDetailSchema = scanSchema
  .extend({
    links: z.array(
      z.object({ a: linkEnd, b: linkEnd, confidence, protocols: z.array(z.string()), reason: z.string() }),
    ),
  })
  .openapi("ScanDetail");

const proposalSchema = z
  .object({
    id: z.uuid(),
    site: z.string(),
    collector: named,
    scanId: z.uuid(),
    status: z.enum(PROPOSAL_STATUSES).describe("known: the collector has it configured already."),
    address: z.string(),
    port: z.int(),
    credential: z.string().describe("Name of the site's credential that fits; empty when none does."),
    suggestedName: z.string(),
    deviceName: z.string(),
    sysName: z.string(),
    sysDescr: z.string(),
    sysObjectId: z.string(),
    vendor: z.string(),
    model: z.string(),
    osVersion: z.string(),
    serial: z.string(),
    engineId: z.string(),
    chassisId: z.string(),
    profile: z.string(),
    answeredAt: z.array(z.string()),
    addresses: z.array(z.string()),
    openPorts: z.array(z.int()),
    merge: z.object({ confidence: confidence.nullable(), reasons: z.array(z.string()) }),
    config: z
      .object({ version: z.int(), state: z.enum(["pushed", "applied", "refused"]), reason: z.string() })
      .nullable()
      .describe("The configuration that added it, and what the collector said to it."),
    decidedBy: z.string().nullable(),
    decidedAt: time.nullable(),
    reason: z.string(),
    firstSeenAt: time,
    lastSeenAt: time,
  })
  .openapi("DeviceProposal");

const tags = ["Discovery"];

const start = apiRoute("admin", {
  method: "post",
  path: "/api/v1/discovery/scans",
  tags,
  summary: "Have a collector scan ranges for devices",
  description: "The collector scans only what discover.allow of its own file names, and refuses the whole else.",
  request: {
    body: body(
      z.strictObject({
        collector_id: z.uuid(),
        ranges: z.array(z.string().min(1).max(100)).min(1).max(64).describe("CIDR, first-last, or one address."),
      }),
    ),
  },
  responses: {
    202: {
      description: "Asked for; the collector begins now or when it is back.",
      content: { "application/json": { schema: scanDetailSchema } },
    },
  },
});

const scans = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/discovery/scans",
  tags,
  summary: "Scans with their progress, newest first",
  request: { query: pageQuery.extend({ collectorId: z.uuid().optional() }) },
  responses: ok(z.object({ scans: z.array(scanSchema), nextCursor }), "One page of scans."),
});

const scan = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/discovery/scans/{id}",
  tags,
  summary: "One scan with the links it found",
  request: { params: idParam },
  responses: ok(scanDetailSchema, "The scan."),
});

const cancel = apiRoute("admin", {
  method: "post",
  path: "/api/v1/discovery/scans/{id}/cancel",
  tags,
  summary: "End a scan; what it found until then stays",
  request: { params: idParam },
  responses: ok(scanDetailSchema, "The scan; still running until the collector says that it ended."),
});

const proposals = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/discovery/proposals",
  tags,
  summary: "What scans found, newest first",
  request: {
    query: pageQuery.extend({
      status: z.enum(PROPOSAL_STATUSES).optional(),
      collectorId: z.uuid().optional(),
      scanId: z.uuid().optional(),
      search: z.string().max(100).optional().describe("Part of the name, address, vendor, model or serial number."),
    }),
  },
  responses: ok(z.object({ proposals: z.array(proposalSchema), nextCursor }), "One page of proposals."),
});

const choice = {
  name: z.string().min(1).max(63).optional().describe("What the device says, made fit, when not given."),
  role: z.enum(["core", "distribution", "access", "router", "firewall", "ups", "access-point", "server"]).optional(),
};
const acceptedSchema = z.object({
  proposals: z.array(proposalSchema),
  version: z.int().describe("Of the configuration that adds them."),
  sent: z.boolean().describe("False when the collector is away: it gets it when it returns."),
});

const accept = apiRoute("admin", {
  method: "post",
  path: "/api/v1/discovery/proposals/{id}/accept",
  tags,
  summary: "Make a found device one that its collector polls",
  description: "409 when it was decided already, when its name or address is taken.",
  request: { params: idParam, body: body(z.strictObject(choice)) },
  responses: ok(acceptedSchema, "The proposal and the configuration that was pushed."),
});

const acceptMany = apiRoute("admin", {
  method: "post",
  path: "/api/v1/discovery/proposals/accept",
  tags,
  summary: "Accept up to 100 proposals of one collector with one configuration",
  request: {
    body: body(
      z.strictObject({
        proposals: z
          .array(z.strictObject({ id: z.uuid(), ...choice }))
          .min(1)
          .max(100),
      }),
    ),
  },
  responses: ok(acceptedSchema, "The proposals and the configuration that was pushed."),
});

const reject = apiRoute("admin", {
  method: "post",
  path: "/api/v1/discovery/proposals/{id}/reject",
  tags,
  summary: "Leave a found device alone; later scans do not propose it anew",
  request: { params: idParam, body: body(z.strictObject({ reason: z.string().max(500).optional() })) },
  responses: ok(proposalSchema, "The proposal."),
});

export function discoveryRoutes(deps: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  scanRoutes(app, deps);
  proposalRoutes(app, deps);
  return app;
}

function scanRoutes(app: OpenAPIHono<WebEnv>, { hub, links }: WebDependencies): void {
  app.openapi(start, async (c) => {
    const { collector_id: collectorId, ranges } = c.req.valid("json");
    return c.json(await startScan(contextOf(hub, c), links, { collectorId, ranges }), 202);
  });
  app.openapi(scans, async (c) => {
    const page = await listScans(contextOf(hub, c), c.req.valid("query"));
    return c.json({ scans: page.items, nextCursor: page.nextCursor }, 200);
  });
  app.openapi(scan, async (c) => c.json(await getScan(contextOf(hub, c), { scanId: c.req.valid("param").id }), 200));
  app.openapi(cancel, async (c) => {
    const scanId = c.req.valid("param").id;
    const result = await cancelScan(contextOf(hub, c), links, { scanId });
    if (result.kind === "already-ended")
      throw new HubError("conflict", `Scan ${scanId} ended already: ${result.status}.`, { scanStatus: result.status });
    return c.json(await getScan(contextOf(hub, c), { scanId }), 200);
  });
}

function proposalRoutes(app: OpenAPIHono<WebEnv>, { hub, links }: WebDependencies): void {
  app.openapi(proposals, async (c) => {
    const page = await listProposals(contextOf(hub, c), c.req.valid("query"));
    return c.json({ proposals: page.items, nextCursor: page.nextCursor }, 200);
  });
  const acceptAll = async (c: Parameters<typeof contextOf>[1], wanted: Parameters<typeof acceptProposals>[2]) => {
    const result = await acceptProposals(contextOf(hub, c), links, wanted);
    if (result.kind === "accepted") return result;
    const { proposalId, status, by } = result;
    throw new HubError("conflict", `Proposal ${proposalId} is ${status} already, by ${by}.`, { by, decision: status });
  };
  app.openapi(acceptMany, async (c) => {
    const wanted = c.req.valid("json").proposals.map(({ id: proposalId, ...rest }) => ({ proposalId, ...rest }));
    const { proposals: accepted, version, sent } = await acceptAll(c, { proposals: wanted });
    return c.json({ proposals: accepted, version, sent }, 200);
  });
  app.openapi(accept, async (c) => {
    const wanted = [{ proposalId: c.req.valid("param").id, ...c.req.valid("json") }];
    const { proposals: accepted, version, sent } = await acceptAll(c, { proposals: wanted });
    return c.json({ proposals: accepted, version, sent }, 200);
  });
  app.openapi(reject, async (c) => {
    const input = { proposalId: c.req.valid("param").id, ...c.req.valid("json") };
    const result = await rejectProposal(contextOf(hub, c), input);
    if (result.kind === "rejected") return c.json(result.proposal, 200);
    const detail = `Proposal ${input.proposalId} is ${result.status} already.`;
    throw new HubError("conflict", detail, { decision: result.status });
  });
}
