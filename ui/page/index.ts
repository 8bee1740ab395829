export {
  ApprovalsPage,
  AutomationPage,
  ExecutionPage,
  ScriptPage,
  type ScriptPageView,
} from "./automation.tsx";
export { DevicePage, type DeviceView, type Range, RANGES, type TrafficView } from "./device.tsx";
export { type DeviceFilterView, DevicesPage } from "./devices.tsx";
export { DiscoveryPage, type DiscoveryView, type ScanFormView } from "./discovery.tsx";
export type { Theme } from "./document.tsx";
export { ErrorPage, type ErrorView } from "./error.tsx";
export { EvidencePage, type EvidencePageView, RerunResult, type RerunView } from "./evidence.tsx";
export { IncidentPage, type IncidentView } from "./incident.tsx";
export { type IncidentFilterView, IncidentsPage } from "./incidents.tsx";
export type { Section } from "./nav.ts";
export { OverviewPage, type OverviewView } from "./overview.tsx";
export { NavCount, type ShellCounts, type ShellView } from "./shell.tsx";
export { findPages } from "./palette.tsx";
export { SearchPage } from "./search.tsx";
export { SignInPage, type SignInView } from "./sign-in.tsx";
export { TopologyPage } from "./topology.tsx";
export { AddSitePage, type AddSiteView, CollectorsPage, SitesPage } from "./sites.tsx";
