import { AddressInUse, Agent, type AgentSocket, bindAgent, type NotificationSecurity } from "./agent/index.ts";
import type { LabCredential } from "./credential.ts";
import type { Device, Site } from "./device/index.ts";
import { mibOf } from "./mib/index.ts";

const PORT_TRIES = 20;

/** The agents of a site's devices, bound to one port at an address each. */
export class SiteAgents {
  readonly port: number;
  readonly #agents: Map<string, Agent>;
  readonly #sockets: AgentSocket[];

  private constructor(agents: Map<string, Agent>, sockets: AgentSocket[]) {
    this.port = sockets[0]?.port ?? 0;
    this.#agents = agents;
    this.#sockets = sockets;
  }

  /** `wanted` is required; `preferred` is taken when it is free everywhere, else another. */
  static async bind(
    site: Site,
    credentialOf: (device: Device) => LabCredential,
    port: { wanted: number } | { preferred: number },
  ): Promise<SiteAgents> {
    const agents = new Map([...site.devices.values()].map((d) => [d.name, agentOf(site, d, credentialOf(d))] as const));
    if ("wanted" in port) return new SiteAgents(agents, await bindAll(site, agents, port.wanted));
    for (let attempt = 0; attempt < PORT_TRIES; attempt += 1) {
      try {
        return new SiteAgents(agents, await bindAll(site, agents, attempt === 0 ? port.preferred : 0));
      } catch (error) {
        if (!(error instanceof AddressInUse)) throw error;
      }
    }
    throw new Error(`found no UDP port that is free at all ${agents.size} lab addresses in ${PORT_TRIES} tries`);
  }

  /** What the device signs its traps with. */
  security(device: Device, credential: LabCredential, nowMs: number): NotificationSecurity {
    if (credential.version !== "v3") return credential;
    const agent = this.#agents.get(device.name);
    const user = agent?.user(credential.user);
    const engine = agent?.engineState(nowMs);
    if (!user || !engine) throw new Error(`device ${device.name} has no SNMPv3 engine for user ${credential.user}`);
    return { version: "v3", user, engine };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

function agentOf(site: Site, device: Device, credential: LabCredential): Agent {
  return new Agent({
    mib: mibOf(device, (name) => site.devices.get(name)),
    clock: site.options.clock,
    ...(credential.version === "v3" ? { users: [credential] } : { communities: [credential] }),
    engine: {
      id: device.engineId,
      boots: () => device.boot.engineBoots,
      time: (nowMs) => Math.floor(device.uptimeTicks(nowMs) / 100),
    },
  });
}

/** Binds every device to one port; on failure none stays bound. */
async function bindAll(site: Site, agents: ReadonlyMap<string, Agent>, port: number): Promise<AgentSocket[]> {
  const sockets: AgentSocket[] = [];
  try {
    for (const [name, agent] of agents) {
      const device = site.devices.get(name);
      if (!device) throw new Error(`agent of unknown device ${name}`);
      const passage = () => (site.reachable(device) ? { delayMs: delayOf(device) } : undefined);
      const shared = sockets[0]?.port ?? port;
      sockets.push(await bindAgent(agent, { address: device.address, port: shared, passage }));
    }
    return sockets;
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
}

function delayOf(device: Device): number {
  return Math.max(0, ...device.delaysMs.values());
}
