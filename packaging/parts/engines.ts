import { join } from "node:path";
import { onEnd, scratchDir, shared } from "./shared.ts";
import { type Engine, startEngine } from "./engine/index.ts";

/** A real model server that all tests of this process share: Ollama's interface and OpenAI's. Leave it running. */
export function testEngine(): Promise<Engine> {
  const servers = shared();
  servers.engine ??= ownEngine();
  return servers.engine;
}

/** One of the test's own, to be paused or killed. */
export async function ownEngine(): Promise<Engine> {
  const engine = await startEngine({ logFile: join(scratchDir("engine"), "engine.log") });
  onEnd(() => engine.stop());
  return engine;
}
