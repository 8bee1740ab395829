export { type Columns, columnsOf } from "./columns.ts";
export { loadProfiles, longestPrefix, type ProfileLibrary } from "./library.ts";
export { checkSiteProfiles, loadSiteProfiles } from "./site.ts";
export { extract } from "./pattern.ts";
export { type Profile, profileJsonSchema, type RowName, type SensorTable, type TextSource } from "./schema.ts";
export { NEIGHBOUR_PROTOCOLS, SENSOR_CLASSES } from "./schema.ts";
export { enterpriseOf } from "./written.ts";
