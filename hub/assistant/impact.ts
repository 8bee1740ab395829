import { cutOff, edgeAt } from "../incident/index.ts";
import type { Subject } from "./subject.ts";
import { listed } from "./tool/tool.ts";

const UNHEARD_SHOWN_MAX = 3;

/** Who is hit, as far as it was told: devices that do not answer, and those that nothing else leads to. */
export function impactOf(subject: Subject): string {
  const { problems, site, siteName } = subject;
  if (problems.some((problem) => problem.kind === "collector-silent" && problem.state === "firing")) {
    return `${site.devices.size} devices of ${siteName} are not watched until it is back; it keeps what it sees and sends it then.`;
  }
  const silent = namesOf(problems.filter((p) => p.kind === "device-down" && p.state === "firing"));
  const behind = behindRoot(subject).filter((name) => !silent.includes(name));
  const doubtful = behind.length === 0 ? "" : ` Reached through it alone, so in doubt: ${listed(behind)}.`;
  if (silent.length > 0) {
    return `${silent.length} of ${site.devices.size} devices of ${siteName} cannot be reached: ${listed(silent)}.${doubtful}`;
  }
  const named = namesOf(problems);
  if (named.length === 0) return "No device is named.";
  return `${listed(named)} concerned; no device is reported as unreachable.${doubtful}`;
}

/** What was known of a site is as old as its collector's last word. */
export function staleness({ unheard, siteName }: Subject): string[] {
  return unheard
    .slice(0, UNHEARD_SHOWN_MAX)
    .map(
      ({ name, lastSeenAt }) => `${name} has lost the hub: what is known of ${siteName} is as of ${utc(lastSeenAt)}.`,
    );
}

/** Devices that are cut off when the root's cable is, while it is down. */
function behindRoot({ problems: [root], site }: Subject): string[] {
  if (root?.kind !== "interface-down" || root.state !== "firing") return [];
  const edge = edgeAt(site, root.device, root.object);
  return edge ? [...cutOff(site, { from: root.device, edge })] : [];
}

function namesOf(problems: Subject["problems"]): string[] {
  return [...new Set(problems.map((problem) => problem.device))].filter((name) => name !== "");
}

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
