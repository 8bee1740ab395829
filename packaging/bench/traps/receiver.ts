import { join } from "node:path";
import { systemTimerClock } from "@watchpost/collector/clock.ts";
import { configSchema } from "@watchpost/collector/config/schema.ts";
import { createPortNames, createSources, createTeller } from "@watchpost/collector/listen/index.ts";
import { openOutbox } from "@watchpost/collector/outbox/index.ts";
import { startTrapReceiver } from "@watchpost/collector/trap/index.ts";
import { pino } from "pino";
import { scratchDir } from "../../parts/index.ts";
import { USER } from "./message.ts";

/** The product's receiver, in front of the product's outbox on disk. */
export async function openReceiver(addresses: readonly string[], communities: readonly string[]) {
  const dataDir = scratchDir("bench-traps");
  const plain = communities.map((community) => ({ name: community, version: "v2c", community }));
  const config = configSchema.parse({
    name: "bench",
    credentials: [...plain, USER],
    devices: addresses.map((address, i) => ({ name: `sw${i + 1}`, address, credential: communities[0] })),
    traps: { address: "127.0.0.1", port: 0, perSourcePerSecondMax: 100_000 },
  });
  if (!config.traps) throw new Error("the bench's configuration has no traps");
  const clock = systemTimerClock;
  const outbox = openOutbox({ dir: join(dataDir, "outbox"), bytesMax: 1e8, clock, log: pino({ level: "silent" }) });
  const sources = createSources();
  sources.configure(config.devices);
  const teller = createTeller({ clock, emit: async (draft) => void (await outbox.append(draft)), onError: fail });
  const receiver = await startTrapReceiver({
    config: config.traps,
    credentials: config.credentials,
    dataDir,
    clock,
    sources,
    ports: createPortNames(),
    teller,
    ask: () => undefined,
    onTrouble: fail,
  });
  const stop = async (): Promise<void> => {
    receiver.stop();
    await teller.stop();
    outbox.close();
  };
  return { receiver, outbox, stop };
}

function fail(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}
