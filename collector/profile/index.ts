export { type Columns, columnsOf } from "./columns.ts";
export { loadProfiles, type ProfileLibrary } from "./library.ts";
export {
  type Profile,
  profileJsonSchema,
  profileSchema,
  type RowName,
  type SensorTable,
  type TextSource,
} from "./schema.ts";
