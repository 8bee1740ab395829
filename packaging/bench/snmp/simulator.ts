import { join } from "node:path";
import { LineProcess } from "./subject.ts";

export interface SimulatorOptions {
  /** Number of the first device, and how many. */
  first: number;
  count: number;
  ports: number;
  /** Where they listen, each on a port of its own; 127.0.0.1 when not given. */
  address?: string;
  /** By device number: these never answer, and those answer this late. */
  dead?: number[];
  slow?: { devices: number[]; delayMs: number };
}

export interface Simulator {
  pid: number;
  /** In the order of the devices' numbers. */
  ports: number[];
  /** Datagrams that reached each device since the last time this was asked. */
  received(): Promise<number[]>;
  stop(): Promise<void>;
}

/** Switches in a process of their own, on UDP ports of the loopback. One tree of values serves them all. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const file = join(import.meta.dir, "simulator-process.ts");
  const child = new LineProcess([process.execPath, file, JSON.stringify(options)]);
  return {
    pid: child.pid,
    ports: (await child.answer()) as number[],
    received: async () => (await child.ask("received")) as number[],
    stop: () => child.stop(),
  };
}
