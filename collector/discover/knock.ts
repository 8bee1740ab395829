import { connect } from "node:net";
import type { Pacer } from "./pacer.ts";

export interface Knocking {
  pacer: Pacer;
  timeoutMs: number;
  signal: AbortSignal;
}

/** The ports among these that accept a TCP connection; each is closed again at once. */
export async function knock(knocking: Knocking, address: string, ports: readonly number[]): Promise<number[]> {
  const accepted = await Promise.all(ports.map((port) => accepts(knocking, address, port)));
  return ports.filter((_, i) => accepted[i]);
}

function accepts({ pacer, timeoutMs, signal }: Knocking, address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const giveUp = () => resolve(false);
    signal.addEventListener("abort", giveUp, { once: true });
    const start = (): void => {
      if (signal.aborted) return;
      const socket = connect({ host: address, port });
      const end = (isOpen: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        signal.removeEventListener("abort", giveUp);
        socket.destroy();
        resolve(isOpen);
      };
      const cancel = () => end(false);
      const timer = setTimeout(cancel, timeoutMs);
      signal.addEventListener("abort", cancel, { once: true });
      socket.once("connect", () => end(true));
      socket.once("error", cancel);
    };
    if (!pacer.go(start)) giveUp();
  });
}
