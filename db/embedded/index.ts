export { findPostgres } from "./binaries.ts";
export { type Child, startChild } from "./child.ts";
export { freePort } from "./free-port.ts";
export { type EmbeddedPostgres, startPostgres } from "./postgres.ts";
export { type EmbeddedVictoriaMetrics, startVictoriaMetrics } from "./victoria-metrics.ts";
