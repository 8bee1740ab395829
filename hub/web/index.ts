export { createApp } from "./app.ts";
export type { WebDependencies } from "./dependencies.ts";
export { serveWeb } from "./serve.ts";
