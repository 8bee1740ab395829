import { Agent, bindAgent } from "../../lab/agent/index.ts";
import { COMMUNITY, USER } from "./credential.ts";
import type { SimulatorOptions } from "./simulator.ts";
import { buildSwitch } from "./switch.ts";

/** Making the keys of a user takes milliseconds: a fleet is asked by community alone. */
const DEVICES_WITH_USERS_MAX = 256;
const clock = () => Date.now();
let received: Int32Array = new Int32Array(0);

async function simulate(options: SimulatorOptions): Promise<number[]> {
  const { first, count, ports, address = "127.0.0.1" } = options;
  const dead = new Set(options.dead);
  const slow = new Set(options.slow?.devices);
  const slowMs = options.slow?.delayMs ?? 0;
  let current = first;
  const mib = buildSwitch(() => current, { ports, clock });
  received = new Int32Array(count);
  const bound: number[] = [];
  for (let device = first; device < first + count; device++) {
    const id = Uint8Array.of(0x80, 0, 0xff, 0xff, 5, device >> 8, device & 0xff);
    const bootedMs = clock();
    const agent = new Agent({
      mib: () => {
        current = device;
        received[device - first] = (received[device - first] ?? 0) + 1;
        return mib;
      },
      clock,
      communities: [{ version: "v2c", community: COMMUNITY.community }],
      users: count <= DEVICES_WITH_USERS_MAX ? [USER] : [],
      engine: { id, boots: () => 1, time: (nowMs) => Math.floor((nowMs - bootedMs) / 1_000) },
    });
    const pass = { delayMs: slow.has(device) ? slowMs : 0 };
    // The agent counts what it answers; a dead one is never asked, so its door does.
    const refuse = () => {
      received[device - first] = (received[device - first] ?? 0) + 1;
      return undefined;
    };
    const passage = dead.has(device) ? refuse : () => pass;
    bound.push((await bindAgent(agent, { address, port: 0, passage })).port);
  }
  return bound;
}

const ports = await simulate(JSON.parse(process.argv[2] ?? "{}") as SimulatorOptions);
process.stdout.write(`${JSON.stringify(ports)}\n`);
// Lives as long as the bench that started it.
for await (const _ of console) {
  process.stdout.write(`${JSON.stringify([...received])}\n`);
  received.fill(0);
}
process.exit(0);
