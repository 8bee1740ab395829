import type { Target } from "../device/snmp/index.ts";
import type { Reading } from "../poll/index.ts";
import type { Terminal } from "./terminal.ts";

/** How the device was asked, and what to try next when it did not answer. */
export function explainReading(terminal: Terminal, asked: { reading: Reading; target: Target; profile: string }): void {
  const { reading, target } = asked;
  const { credential } = target;
  const who =
    credential.version === "v3"
      ? `user "${credential.user}" (${credential.authProtocol}/${credential.privProtocol})`
      : "a community";
  terminal.err("");
  terminal.err(`asked ${target.address} port ${target.port} by SNMP ${credential.version} as ${who}`);
  terminal.err(
    `${target.retries + 1} tries of ${target.timeoutMs} ms each; the poll took ${Math.round(reading.durationMs)} ms`,
  );
  if (reading.kind === "answered") {
    const { interfaces, processors, storages, sensors, neighbours, system } = reading;
    terminal.err(`sysObjectID ${system.objectId} is read by profile "${asked.profile}"`);
    terminal.err(
      `${interfaces.length} interfaces, ${processors.length} processors, ${storages.length} storages, ` +
        `${sensors.length} sensors, ${neighbours.length} neighbours in ${reading.requests} requests`,
    );
    return;
  }
  for (const step of nextSteps(reading.reason)) terminal.err(`- ${step}`);
}

function nextSteps(reason: Exclude<Reading, { kind: "answered" }>["reason"]): string[] {
  switch (reason) {
    case "timeout":
      return [
        "is the address right, and does the device answer a ping from here?",
        "does the device's access list allow this machine, and does a firewall pass UDP to the port?",
        "SNMPv1 and v2c agents say nothing when the community is wrong; v3 agents when the privacy password is.",
      ];
    case "refused":
      return ["the machine answers, but no agent listens on the port: is SNMP switched on, and is the port right?"];
    case "unauthenticated":
      return [
        "the agent answers and rejects us: compare user, protocols and passwords with the device's configuration.",
      ];
    case "garbage":
      return ["something else than an SNMP agent may listen there; capture the traffic and report it."];
  }
}
