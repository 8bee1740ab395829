export { connectDatabase, type Database, type DatabaseConnection, type Transaction } from "./connect.ts";
export { migrate } from "./migrate.ts";
