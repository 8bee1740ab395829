import { RANGES } from "@watchpost/ui";
import type { Message } from "../../bus/index.ts";
import {
  approvalRegions,
  collectorRegions,
  deviceFilter,
  deviceListRegions,
  deviceQuery,
  deviceRegions,
  discoveryFilter,
  discoveryQuery,
  discoveryRegions,
  executionRegions,
  incidentFilter,
  incidentListRegions,
  incidentQuery,
  incidentRegions,
  overviewRegions,
  type Region,
  shellRegions,
  siteRegions,
  type Source,
  topologyRegions,
  topologySite,
} from "../view/index.ts";

/** What a stream shows: which messages touch it, how it is rendered, how often it grows old by itself. */
export interface LiveView {
  /** The same for everybody who looks at the same thing. */
  key: string;
  concerns(message: Message): boolean;
  regions(source: Source): Promise<Region[]>;
  /** Rates and "last poll" change without a message. */
  refreshMs?: number;
}

const REFRESH_MS = 10_000;
/** Where the age of the newest sample is shown: as often as devices are polled. */
const SAMPLE_REFRESH_MS = 5_000;
const LIST_REFRESH_MS = 30_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What stands around every page: the counts in the sidebar. Every stream carries it besides its own view. */
export const SHELL_VIEW: LiveView = {
  key: "shell",
  concerns: on("incident", "approval"),
  regions: shellRegions,
  refreshMs: LIST_REFRESH_MS,
};

/** From `/live/<name>[/<id>]?<filter>`; undefined when there is no such view. */
export function liveView(name: string, id: string | undefined, query: Record<string, string>): LiveView | undefined {
  if (id === undefined) return listView(name, query);
  return UUID.test(id) ? entityView(name, id, query) : undefined;
}

function listView(name: string, query: Record<string, string>): LiveView | undefined {
  switch (name) {
    case "overview":
      return {
        key: name,
        concerns: on("incident", "device", "collector", "insight"),
        regions: overviewRegions,
        refreshMs: REFRESH_MS,
      };
    case "incidents": {
      const filter = incidentFilter(query);
      const regions = (source: Source) => incidentListRegions(source, filter);
      return {
        key: `${name}?${incidentQuery(filter)}`,
        concerns: on("incident", "insight"),
        regions,
        refreshMs: LIST_REFRESH_MS,
      };
    }
    case "devices": {
      const filter = deviceFilter(query);
      const regions = (source: Source) => deviceListRegions(source, filter);
      return {
        key: `${name}?${deviceQuery(filter)}`,
        concerns: on("device", "collector"),
        regions,
        refreshMs: SAMPLE_REFRESH_MS,
      };
    }
    case "topology": {
      const site = topologySite(query);
      const regions = (source: Source) => topologyRegions(source, site);
      return {
        key: `${name}?${site}`,
        concerns: on("device", "collector", "incident"),
        regions,
        refreshMs: REFRESH_MS,
      };
    }
    case "sites":
      return {
        key: name,
        concerns: on("device", "collector", "incident"),
        regions: siteRegions,
        refreshMs: REFRESH_MS,
      };
    case "collectors":
      return { key: name, concerns: on("collector"), regions: collectorRegions, refreshMs: REFRESH_MS };
    case "discovery": {
      const filter = discoveryFilter(query);
      const regions = (source: Source) => discoveryRegions(source, filter);
      return { key: `${name}?${discoveryQuery(filter)}`, concerns: on("collector"), regions, refreshMs: REFRESH_MS };
    }
    case "shell":
      return SHELL_VIEW;
    case "approvals":
      return { key: name, concerns: on("approval", "execution"), regions: approvalRegions, refreshMs: REFRESH_MS };
    default:
      return undefined;
  }
}

function entityView(name: string, id: string, query: Record<string, string>): LiveView | undefined {
  const key = `${name}/${id}`;
  switch (name) {
    case "incident":
      return {
        key,
        concerns: (message) => message.key === id || message.payload["incidentId"] === id,
        regions: (source) => incidentRegions(source, id),
      };
    case "device": {
      const index = Number(query["interface"]);
      const choice = {
        id,
        interface: Number.isSafeInteger(index) && index > 0 ? index : undefined,
        range: RANGES.find((range) => range === query["range"]) ?? "1h",
      };
      return {
        key: `${key}?${choice.interface ?? ""}&${choice.range}`,
        concerns: (message) => message.key === id || message.topic === "incident" || message.topic === "collector",
        regions: (source) => deviceRegions(source, choice),
        refreshMs: SAMPLE_REFRESH_MS,
      };
    }
    case "execution":
      return {
        key,
        concerns: (message) => message.key === id,
        regions: (source) => executionRegions(source, id),
      };
    default:
      return undefined;
  }
}

function on(...topics: Message["topic"][]): LiveView["concerns"] {
  return (message) => topics.includes(message.topic);
}
