export { problemsOf } from "./problem.ts";
export { type StatusServer, startStatusServer } from "./server.ts";
export type { DeviceView, EnrolmentView, LinkView, ModelView, StatusView } from "./view.ts";
