import { createPinger, isLoopback, openIcmpSocket, type Pinger } from "../device/icmp/index.ts";
import type { TimerClock } from "../device/clock.ts";
import type { Pacer } from "./pacer.ts";

/** For one scan; undefined where the kernel allows no ICMP socket: SNMP and TCP then tell who is there. */
export function openScanPinger(clock: TimerClock): Pinger | undefined {
  const icmp = openIcmpSocket();
  if (icmp.kind === "unavailable") return undefined;
  const pinger = createPinger({ socket: icmp.socket, clock });
  return {
    ...pinger,
    // On loopback this machine would answer for itself.
    ping: async (address, round) =>
      pinger.canAsk(address) && !isLoopback(address)
        ? pinger.ping(address, round)
        : { sent: 0, received: 0, roundTripMs: undefined },
  };
}

export interface Echoing {
  pinger: Pinger | undefined;
  pacer: Pacer;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Whether the host answers one echo, asked at the scan's pace. */
export function answersEcho({ pinger, pacer, timeoutMs, signal }: Echoing, address: string): Promise<boolean> {
  if (!pinger || signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const giveUp = (): void => resolve(false);
    signal.addEventListener("abort", giveUp, { once: true });
    const send = (): void => {
      pinger
        .ping(address, { count: 1, timeoutMs })
        .then(({ received }) => resolve(received > 0), giveUp)
        .finally(() => signal.removeEventListener("abort", giveUp));
    };
    if (!pacer.go(send)) giveUp();
  });
}
