export { createInventory, type Inventory } from "./inventory.ts";
export { type DeviceStore, openDeviceStore } from "./store.ts";
