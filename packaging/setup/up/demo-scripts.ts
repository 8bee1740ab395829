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
    name: "watch-neighbour",
    description: "What the site's host knows of one device's address, once a second.",
    argv: ["/bin/sh", "{{body}}", "{{target.address}}", "{{seconds}}"],
    body: [
      "set -eu",
      "i=0",
      'while [ "$i" -lt "$2" ]; do',
      '  printf "%s " "$(date -u +%H:%M:%S)"',
      '  grep -F "$1 " /proc/net/arp || echo "no ARP entry for $1"',
      "  i=$((i + 1))",
      "  sleep 1",
      "done",
      "",
    ].join("\n"),
    parameter_schema: {
      type: "object",
      additionalProperties: false,
      properties: { seconds: { type: "integer", minimum: 1, maximum: 25, default: 5 } },
      required: ["seconds"],
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
