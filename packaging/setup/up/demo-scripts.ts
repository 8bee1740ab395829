import { callHub, type HubReady, mustSucceed } from "./hub-client.ts";

const CONFLICT = 409;

/** Two harmless scripts for the simulated site, so that a first run can be approved and watched. */
export const DEMO_SCRIPTS = [
  {
    name: "host-health",
    description: "Load, memory and disk of the host that the collector stands on.",
    argv: ["/bin/sh", "{{body}}", "{{folder}}"],
    body: 'set -eu\nprintf "load: "; cat /proc/loadavg\ngrep -E "^Mem(Total|Available)" /proc/meminfo\ndf -h "$1"\n',
    parameter_schema: {
      type: "object",
      additionalProperties: false,
      properties: { folder: { type: "string", enum: ["/", "/tmp", "/var"], default: "/" } },
      required: ["folder"],
    },
  },
  {
    name: "ping-device",
    description: "Round trip from the site to one device.",
    argv: ["ping", "-c", "{{count}}", "-W", "1", "{{target.address}}"],
    body: "",
    parameter_schema: {
      type: "object",
      additionalProperties: false,
      properties: { count: { type: "integer", minimum: 1, maximum: 10, default: 3 } },
      required: ["count"],
    },
  },
];

/** Stores the scripts at the hub unless an earlier start did. */
export async function addDemoScripts(hub: HubReady): Promise<void> {
  for (const script of DEMO_SCRIPTS) {
    const response = await callHub(hub, "POST", "/api/v1/scripts", script);
    if (response.status !== CONFLICT) await mustSucceed(response, `storing the script ${script.name}`);
  }
}
