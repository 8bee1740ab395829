import { randomBytes } from "node:crypto";
import type { TimerClock } from "../clock.ts";
import { familyOf, plainAddress } from "./address.ts";
import { echoRequest, tokenOf } from "./packet.ts";
import type { IcmpSocket } from "./socket.ts";

const FETCH_EVERY_MS = 5;
const ANSWERS_A_TURN_MAX = 512;
const AWAITED_MAX = 4_096;
/** Between the echoes of one round, so that one short burst of loss does not take all of them. */
const BETWEEN_MS = 50;

export interface PingResult {
  sent: number;
  received: number;
  /** Mean of the answers; undefined without one. */
  roundTripMs: number | undefined;
}

export interface Pinger {
  /** Whether there is a socket for addresses of that kind. */
  canAsk: (address: string) => boolean;
  ping: (address: string, round: { count: number; timeoutMs: number }) => Promise<PingResult>;
  /** Every echo awaited ends as lost. */
  close: () => void;
}

interface Awaited {
  address: string;
  sentMs: number;
  settle: (roundTripMs: number | undefined) => void;
}

export function createPinger({ socket, clock }: { socket: IcmpSocket; clock: Pick<TimerClock, "after"> }): Pinger {
  const awaited = new Map<string, Awaited>();
  let sequence = 0;
  let isFetching = false;

  function fetch(): void {
    for (let turn = 0; turn < ANSWERS_A_TURN_MAX; turn += 1) {
      const answer = socket.receive();
      if (!answer) break;
      const token = tokenOf(answer.bytes, answer.isRaw, answer.family);
      const echo = token === undefined ? undefined : awaited.get(token);
      if (echo?.address === answer.from) echo.settle(Math.max(0, answer.atMs - echo.sentMs));
    }
    isFetching = awaited.size > 0;
    if (isFetching) clock.after(FETCH_EVERY_MS, fetch);
  }

  function echo(address: string, timeoutMs: number): Promise<number | undefined> {
    if (awaited.size >= AWAITED_MAX) return Promise.resolve(undefined);
    const token = randomBytes(8);
    const key = token.toString("hex");
    return new Promise((resolve) => {
      const settle = (roundTripMs: number | undefined): void => {
        if (!awaited.delete(key)) return;
        cancel();
        resolve(roundTripMs);
      };
      const cancel = clock.after(timeoutMs, () => settle(undefined));
      awaited.set(key, { address: plainAddress(address), sentMs: socket.nowMs(), settle });
      sequence += 1;
      if (!socket.send(echoRequest(token, sequence, familyOf(address)), address)) return settle(undefined);
      if (isFetching) return;
      isFetching = true;
      clock.after(0, fetch);
    });
  }

  return {
    canAsk: (address) => socket.canSend(address),
    async ping(address, { count, timeoutMs }) {
      const echoes: Promise<number | undefined>[] = [];
      for (let i = 0; i < count; i += 1) {
        if (i > 0) await new Promise<void>((resolve) => void clock.after(BETWEEN_MS, resolve));
        echoes.push(echo(address, timeoutMs));
      }
      const answers = (await Promise.all(echoes)).filter((ms) => ms !== undefined);
      const total = answers.reduce((sum, ms) => sum + ms, 0);
      const roundTripMs = answers.length === 0 ? undefined : total / answers.length;
      return { sent: count, received: answers.length, roundTripMs };
    },
    close() {
      for (const { settle } of awaited.values()) settle(undefined);
      socket.close();
    },
  };
}
