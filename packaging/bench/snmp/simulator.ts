import { join } from "node:path";
import { LineProcess } from "./subject.ts";

export interface SimulatorOptions {
  /** Number of the first device, and how many. */
  first: number;
  count: number;
  ports: number;
  /** By device number: these never answer, and those answer this late. */
  dead?: number[];
  slow?: { devices: number[]; delayMs: number };
}

/** Switches in a process of their own, on UDP ports of the loopback in the order of their numbers. */
export async function startSimulator(options: SimulatorOptions): Promise<{ ports: number[]; stop(): Promise<void> }> {
  const file = join(import.meta.dir, "simulator-process.ts");
  const child = new LineProcess([process.execPath, file, JSON.stringify(options)]);
  return { ports: (await child.answer()) as number[], stop: () => child.stop() };
}
