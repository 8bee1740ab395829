import { expect, test } from "bun:test";
import { systemTimerClock } from "../../clock.ts";
import { createCounters } from "../counters.ts";
import { Outbox } from "./outbox.ts";
import { peerOf } from "./peer.ts";
import type { SocketFactory } from "./socket.ts";

/** A socket whose kernel takes as many datagrams a call as the script says. */
function scripted(takes: (number | Error)[]) {
  const sent: number[] = [];
  const sockets: SocketFactory = {
    openShared: async () => ({
      receiveBufferBytes: 0,
      close: () => undefined,
      sendMany(packets) {
        const wanted = packets.length / 3;
        const take = takes.shift() ?? wanted;
        if (take instanceof Error) throw take;
        const taken = Math.min(take, wanted);
        for (let i = 0; i < taken; i++) sent.push((packets[i * 3] as Uint8Array)[0] ?? -1);
        return taken;
      },
    }),
    connect: () => Promise.reject(new Error("not asked for")),
  };
  const counters = createCounters();
  const outbox = new Outbox("ipv4", { clock: systemTimerClock, counters, sockets, receive: () => undefined });
  const peer = peerOf("127.0.0.1", 9);
  for (let i = 0; i < 5; i++) outbox.send(Uint8Array.of(i), peer);
  return { outbox, sent, counters };
}

test("a call that is cut short by another host's refusal is resumed, each datagram once and in order", async () => {
  const { outbox, sent, counters } = scripted([2, 0, 1, 0, 0]);
  await outbox.open();
  await Bun.sleep(30);
  expect(sent).toEqual([0, 1, 2, 3, 4]);
  expect(counters.sendFailures).toBe(0);
});

test("a full kernel is waited for, and a datagram that it never takes does not hold up the rest for good", async () => {
  const { outbox, sent, counters } = scripted(Array.from({ length: 63 }, () => 0));
  await outbox.open();
  await Bun.sleep(300);
  expect(sent).toEqual([1, 2, 3, 4]);
  expect(counters.sendFailures).toBe(1);
});

test("a datagram that cannot be sent at all is counted and left out", async () => {
  const { outbox, sent, counters } = scripted([new Error("network is unreachable")]);
  await outbox.open();
  await Bun.sleep(30);
  expect(sent).toEqual([1, 2, 3, 4]);
  expect(counters.sendFailures).toBe(1);
});
