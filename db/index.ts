export { connectDatabase, type Database, type DatabaseConnection, type Transaction } from "./connect.ts";
export { dropEventPartitions, makeEventPartitions } from "./event-partition.ts";
export { migrate } from "./migrate.ts";
