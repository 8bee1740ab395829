export {
  type InventorySource,
  type Listing,
  type RecordedInventory,
  recordInventory,
} from "./record-inventory.ts";
export { getDevice } from "./get-device.ts";
export { listDeviceGroups, setDeviceGroup, type SetDeviceGroup } from "./group.ts";
export { listDevices, type ListDevices } from "./list-devices.ts";
export { listCollectors, listSites } from "./list-sites.ts";
export type {
  CollectorStatus,
  CollectorSummary,
  DeviceDetails,
  DeviceGroup,
  DevicePage,
  DeviceStateName,
  DeviceSummary,
  InterfaceView,
  LinkView,
  SiteSummary,
} from "./view.ts";
