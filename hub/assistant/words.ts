import { edgeAt, farEnd, type Site } from "../incident/index.ts";
import type { Cause, RecommendedAction } from "./diagnosis.ts";

/** Nothing that the hub can ask tells more: whoever could is the one that is silent. */
export const SILENT_COLLECTOR: { text: string; actions: RecommendedAction[] } = {
  text: "its program, its machine or the site's way to the hub has failed; from here nobody can tell which",
  actions: [
    {
      risk: "none",
      text: "Ask from outside whether the site's router answers: if not, it is the site's line or power.",
    },
    {
      risk: "none",
      text: "If the site answers, look at the collector's machine: its service, its log, its clock, and a firewall before the hub.",
    },
  ],
};

/** A cause in one clause. */
export function causeText(site: Site, { fault, device, interface: port }: Cause): string {
  const edge = port === undefined ? undefined : edgeAt(site, device, port);
  const far = edge && farEnd(edge, device);
  const cable = far ? `${device} ${port} and ${far.device} ${far.port}` : `${device} ${port ?? ""}`;
  switch (fault) {
    case "site-uplink":
      return `the site's uplink between ${cable} has failed`;
    case "link-failure":
      return far ? `the link between ${cable} has failed` : `interface ${cable} has lost its link`;
    case "device-failure":
      return `${device} itself has failed or lost power`;
    case "upstream-failure":
      return `${device}, which the silent devices share, does not carry traffic`;
    case "config-change":
      return `a configuration change on ${device} came shortly before`;
    case "congestion":
      return `${device} ${port ?? ""} is full`;
    case "link-errors":
      return `${device} ${port ?? ""} loses frames to errors`;
    case "resource-exhaustion":
      return `${device} runs out of a resource`;
    case "environment":
      return `a sensor of ${device} reports a fault (fan, power supply or temperature)`;
    case "reboot":
      return `${device} rebooted`;
    case "unknown":
      return "the evidence points to no cause";
  }
}

/** What a person should do next; nothing here runs by itself. */
export function actionsFor(site: Site, cause: Cause): RecommendedAction[] {
  const { fault, device, interface: port } = cause;
  const edge = port === undefined ? undefined : edgeAt(site, device, port);
  const far = edge && farEnd(edge, device);
  const ends = far ? `${device} ${port} and ${far.device} ${far.port}` : `${device} ${port ?? ""}`.trim();
  switch (fault) {
    case "site-uplink":
    case "link-failure":
      return [
        { risk: "none", text: `Check cable, optics and light levels at ${ends}.` },
        ...(far
          ? [
              {
                risk: "none" as const,
                text: `Check power and console of ${far.device}: a dead far end looks the same.`,
              },
            ]
          : []),
      ];
    case "device-failure":
      return [{ risk: "none", text: `Check power, console and last log lines of ${device}.` }];
    case "upstream-failure":
      return [
        { risk: "none", text: `Check ${device}: spanning tree, forwarding and the ports to the silent devices.` },
      ];
    case "config-change":
      return [
        {
          risk: "low",
          text: `Compare the running configuration of ${device} with the last known good one; roll back if they differ.`,
        },
      ];
    case "congestion":
      return [{ risk: "none", text: `Find the largest talkers on ${ends} and plan more capacity.` }];
    case "link-errors":
      return [
        { risk: "low", text: `Check duplex, optics and cable of ${ends}; replace what the error counters point to.` },
      ];
    case "resource-exhaustion":
      return [{ risk: "none", text: `Find the process or table that grows on ${device}.` }];
    case "environment":
      return [{ risk: "none", text: `Look at fans, power supplies and temperature of ${device} on site.` }];
    case "reboot":
      return [
        { risk: "none", text: `Read the reason of the last reload on ${device}; look for a power event at the site.` },
      ];
    case "unknown":
      return [{ risk: "none", text: "Look at the evidence and add what you know as a comment." }];
  }
}
