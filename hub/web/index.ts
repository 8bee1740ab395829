export { createApp } from "./app.ts";
export type { WebDependencies } from "./dependencies.ts";
export { type Problem, problemFrom } from "./problem.ts";
export { type Caller, callerOf, contextOf, type WebApp, type WebEnv, type WebRequest, wantsPage } from "./request.ts";
export { serveWeb, type WebServer } from "./serve.ts";
