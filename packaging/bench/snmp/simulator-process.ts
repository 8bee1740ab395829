import { Agent, bindAgent } from "../../lab/agent/index.ts";
import { COMMUNITY, USER } from "./credential.ts";
import type { SimulatorOptions } from "./simulator.ts";
import { buildSwitch } from "./switch.ts";

const clock = () => Date.now();

async function simulate(options: SimulatorOptions): Promise<number[]> {
  const { first, count, ports, dead = [], slow = { devices: [], delayMs: 0 } } = options;
  const bound: number[] = [];
  for (let device = first; device < first + count; device++) {
    const mib = buildSwitch(device, { ports, clock });
    const id = Uint8Array.of(0x80, 0, 0xff, 0xff, 5, device >> 8, device & 0xff);
    const bootedMs = clock();
    const agent = new Agent({
      mib: () => mib,
      clock,
      communities: [{ version: "v2c", community: COMMUNITY.community }],
      users: [USER],
      engine: { id, boots: () => 1, time: (nowMs) => Math.floor((nowMs - bootedMs) / 1_000) },
    });
    const delayMs = slow.devices.includes(device) ? slow.delayMs : 0;
    const isDead = dead.includes(device);
    const passage = () => (isDead ? undefined : { delayMs });
    bound.push((await bindAgent(agent, { address: "127.0.0.1", port: 0, passage })).port);
  }
  return bound;
}

const ports = await simulate(JSON.parse(process.argv[2] ?? "{}") as SimulatorOptions);
process.stdout.write(`${JSON.stringify(ports)}\n`);
// Lives as long as the bench that started it.
for await (const _ of process.stdin) continue;
process.exit(0);
