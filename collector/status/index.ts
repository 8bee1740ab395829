export { problemsOf } from "./problem.ts";
export { type StatusServer, startStatusServer } from "./server.ts";
export type { DeviceView, EnrolmentView, LinkView, MessagesView, ModelView, StatusView } from "./view.ts";
