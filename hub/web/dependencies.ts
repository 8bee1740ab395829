import type { AutomationPorts } from "../automation/index.ts";
import type { Hub } from "../hub.ts";
import type { Authority } from "../identity/index.ts";
import type { LinkRegistry } from "../link/index.ts";
import type { Meters } from "../status/index.ts";
import type { LiveStreams } from "./stream/streams.ts";

/** Everything routes and pages stand on. Built once by main. */
export interface WebDependencies {
  hub: Hub;
  /** Where people and programs reach this hub. https makes cookies Secure and adds HSTS. */
  publicUrl: URL;
  /** Open event streams; close it before the server. */
  streams: LiveStreams;
  meters: Meters;
  links: LinkRegistry;
  keys: Authority;
  /** host:port of the enrolment listener, as collectors dial it; goes into enrolment tokens. */
  enrollmentAddress: string;
}

export function automationPorts({ keys, links }: WebDependencies): AutomationPorts {
  return { signing: keys.signing, links };
}
