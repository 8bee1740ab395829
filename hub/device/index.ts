export { type InventorySource, type Listing, recordInventory } from "./record-inventory.ts";
export { getDevice } from "./get-device.ts";
export { listDeviceGroups, setDeviceGroup } from "./group.ts";
export { type Cable, siteTopology, type SiteTopology, type TopologyNode } from "./site-topology.ts";
export { listDevices } from "./list-devices.ts";
export { listCollectors, listSites } from "./list-sites.ts";
export type {
  CollectorSummary,
  DeviceDetails,
  DeviceStateName,
  DeviceSummary,
  InterfaceView,
  SiteSummary,
} from "./view.ts";
