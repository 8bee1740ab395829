export { approvalRegions, executionRegions, loadApprovals, loadExecution, loadScripts } from "./automation.tsx";
export { type DeviceChoice, deviceRegions, loadDevice } from "./device.tsx";
export { deviceFilter, deviceListRegions, deviceQuery, loadDevices } from "./devices.tsx";
export {
  type DiscoveryFilter,
  discoveryFilter,
  discoveryQuery,
  discoveryRegions,
  loadProposals,
  loadScanForm,
  loadScans,
} from "./discovery.tsx";
export { evidenceBody } from "./evidence-body.ts";
export { incidentRegions, loadIncident } from "./incident.tsx";
export {
  type IncidentFilter,
  incidentFilter,
  incidentListRegions,
  incidentQuery,
  loadIncidents,
} from "./incidents.tsx";
export { loadOverview, overviewRegions } from "./overview.tsx";
export { readTraffic } from "./rate.ts";
export { type Region, renderNode } from "./region.tsx";
export { searchAll } from "./search.ts";
export { loadShellCounts, shellRegions } from "./shell-counts.tsx";
export { collectorRegions, loadCollectors, loadSites, siteRegions } from "./sites.tsx";
export { loadTopology, topologyRegions, topologySite } from "./topology.tsx";
export { openViews, type Source, sourceFor, type Views } from "./source.ts";
