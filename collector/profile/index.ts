export { type Columns, columnsOf } from "./columns.ts";
export { loadProfiles, type ProfileLibrary } from "./library.ts";
export {
  type Profile,
  profileJsonSchema,
  type RowName,
  type SensorTable,
  type TextSource,
} from "./schema.ts";
