import { createTeller } from "../listen/index.ts";
import type { MessagesView } from "../status/index.ts";
import { startSyslogReceiver, type SyslogReceiver } from "../syslog/index.ts";
import { startTrapReceiver, type TrapReceiver } from "../trap/index.ts";
import type { Context } from "./context.ts";
import type { Flow } from "./flow.ts";

/** Traps and syslog -> listen -> triage -> outbox. */
export interface Listening {
  view: () => MessagesView | null;
  stop: () => Promise<void>;
}

export interface ListeningOptions extends Context {
  flow: Flow;
}

/** Opens the ports that are configured. Throws, left nothing open, when one cannot be had. */
export async function startListening(options: ListeningOptions): Promise<Listening> {
  const { config, clock, log, flow } = options;
  const teller = createTeller({
    clock,
    emit: (draft) => flow.judgement.tell(draft),
    onError: (error) => log.error({ err: error }, "the event of a trap or log line could not be kept"),
  });
  const onTrouble = (message: string): void => log.warn(message);
  const { sources, ports, ask } = flow;
  const shared = { ...options, sources, ports, teller, ask, onTrouble };
  let traps: TrapReceiver | undefined;
  let syslog: SyslogReceiver | undefined;
  const stop = async (): Promise<void> => {
    traps?.stop();
    syslog?.stop();
    await teller.stop();
  };
  try {
    if (config.traps)
      traps = await startTrapReceiver({ ...shared, config: config.traps, credentials: config.credentials });
    if (config.syslog) syslog = await startSyslogReceiver({ ...shared, config: config.syslog });
  } catch (error) {
    await stop();
    throw error;
  }
  if (traps) log.info({ port: traps.port }, "traps are received");
  if (syslog) log.info(syslog.listening, "syslog is received");
  return {
    view() {
      if (!traps && !syslog) return null;
      return {
        traps: traps ? { ...traps.counters, kernelDrops: traps.kernelDrops() } : {},
        syslog: syslog ? { ...syslog.counters, kernelDrops: syslog.kernelDrops() } : {},
        events: { ...teller.stats },
        strangers: sources.unknown(),
      };
    },
    stop,
  };
}
