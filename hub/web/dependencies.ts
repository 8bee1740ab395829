import type { Hub } from "../hub.ts";

/** Everything routes and pages stand on. Built once by main. */
export interface WebDependencies {
  hub: Hub;
  /** Where people and programs reach this hub. https makes cookies Secure and adds HSTS. */
  publicUrl: URL;
}
