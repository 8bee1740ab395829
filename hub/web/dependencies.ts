import type { Hub } from "../hub.ts";
import type { LiveStreams } from "./stream/index.ts";

/** Everything routes and pages stand on. Built once by main. */
export interface WebDependencies {
  hub: Hub;
  /** Where people and programs reach this hub. https makes cookies Secure and adds HSTS. */
  publicUrl: URL;
  /** Open event streams; close it before the server. */
  streams: LiveStreams;
}
