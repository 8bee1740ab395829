import { boundedText } from "../bounded-text.ts";
import type { Problem } from "./board.ts";
import { edgeAt, farEnd, isUplink, type Site } from "./topology.ts";

export const TITLE_CHARACTERS_MAX = 160;

/** Names device and fault: "core-sw1 uplink Te1/1 down". */
export function titleOf(site: Site, problem: Problem): string {
  return boundedText(text(site, problem), TITLE_CHARACTERS_MAX);
}

function text(site: Site, problem: Problem): string {
  const { device, kind, summary } = problem;
  switch (kind) {
    case "device-down":
      return `${device} not reachable`;
    case "device-slow":
      return `${device} answers slowly`;
    case "device-reboot":
      return `${device} rebooted`;
    case "interface-down":
      return `${place(site, problem)} down`;
    case "interface-flapping":
      return `${place(site, problem)} flapping`;
    // Thresholds, sensors and messages say it best themselves.
    default:
      if (device === "" || summary.startsWith(device)) return summary === "" ? kind : summary;
      return `${device} ${summary}`;
  }
}

function place(site: Site, { device, object }: Problem): string {
  if (isUplink(site, device, object)) return `${device} uplink ${object}`;
  const edge = edgeAt(site, device, object);
  return edge ? `${device} ${object} to ${farEnd(edge, device).device}` : `${device} ${object}`;
}
