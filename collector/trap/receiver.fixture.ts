import { type CollectorConfig, configSchema } from "../config/index.ts";
import { systemTimerClock } from "../clock.ts";
import { createPortNames, createSources, createTeller } from "../listen/index.ts";
import type { EventDraft } from "../outbox/index.ts";
import { startTrapReceiver } from "./index.ts";

export const CREDENTIALS = [
  { name: "old", version: "v1", community: "private-v1" },
  { name: "plain", version: "v2c", community: "s3cret" },
  { name: "signed", version: "v3", user: "signed", authProtocol: "sha1", authPassword: "correct-horse" },
  {
    name: "sealed",
    version: "v3",
    user: "sealed",
    authProtocol: "sha256",
    authPassword: "battery-staple",
    privProtocol: "aes128",
    privPassword: "paper-clip-9",
  },
  {
    name: "weak",
    version: "v3",
    user: "weak",
    authProtocol: "md5",
    authPassword: "old-password",
    privProtocol: "des",
    privPassword: "older-password",
  },
];

export interface ReceiverOptions {
  dataDir: string;
  emit?: (draft: EventDraft) => Promise<void>;
  devices?: { name: string; address: string }[];
  perSourcePerSecondMax?: number;
}

/** A receiver on a free port with what its messages became. */
export async function startReceiver(options: ReceiverOptions) {
  const { dataDir, devices = [{ name: "sw1", address: "127.0.0.1" }], perSourcePerSecondMax = 100_000 } = options;
  const config: CollectorConfig = configSchema.parse({
    name: "edge",
    credentials: CREDENTIALS,
    devices: devices.map((device) => ({ ...device, credential: "plain" })),
    traps: { address: "127.0.0.1", port: 0, perSourcePerSecondMax },
  });
  const drafts: EventDraft[] = [];
  const asked: string[] = [];
  const troubles: string[] = [];
  const sources = createSources();
  sources.configure(config.devices);
  const ports = createPortNames();
  const keep = (draft: EventDraft): Promise<void> => Promise.resolve(void drafts.push(draft));
  const teller = createTeller({
    clock: systemTimerClock,
    emit: options.emit ?? keep,
    onError: (e) => troubles.push(String(e)),
  });
  if (!config.traps) throw new Error("the configuration of this fixture has traps");
  const receiver = await startTrapReceiver({
    config: config.traps,
    credentials: config.credentials,
    dataDir,
    clock: systemTimerClock,
    sources,
    ports,
    teller,
    ask: (device) => asked.push(device),
    onTrouble: (message) => troubles.push(message),
  });
  const stop = async (): Promise<void> => {
    receiver.stop();
    await teller.stop();
  };
  return { receiver, teller, sources, ports, drafts, asked, troubles, stop };
}
