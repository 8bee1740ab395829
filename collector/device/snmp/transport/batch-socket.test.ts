import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { systemTimerClock } from "../../clock.ts";
import { createCounters } from "../counters.ts";
import { BatchSocket } from "./batch-socket.ts";
import type { Datagram } from "./datagram.ts";
import { peerOf } from "./peer.ts";
import { tuneSocket } from "./tune.ts";

const COUNT = 80;

/** A socket that notes what comes, and an echo that answers each datagram with its first byte and its length. */
async function startPair(address: string, family: "ipv4" | "ipv6") {
  const came: { bytes: number[]; isFromEcho: boolean; isFromOther: boolean }[] = [];
  const echo = await Bun.udpSocket({
    hostname: address,
    port: 0,
    socket: {
      data: (socket, bytes, port, from) =>
        void socket.send(Uint8Array.of(bytes[0] ?? 0, bytes.length & 0xff, bytes.length >> 8), port, from),
    },
  });
  tuneSocket(echo, family);
  const peer = peerOf(address, echo.port);
  const other = peerOf(address, echo.port ^ 1);
  const receive = (datagram: Datagram) =>
    void came.push({
      bytes: [...datagram.bytes.subarray(datagram.start, datagram.end)],
      isFromEcho: datagram.isFrom(peer),
      isFromOther: datagram.isFrom(other),
    });
  const counters = createCounters();
  const awaits = () => (came.length < COUNT ? "answers" : "nothing");
  const socket = BatchSocket.open(family, { clock: systemTimerClock, counters, receive, awaits });
  return { came, peer, counters, socket, stop: () => (echo.close(), socket?.close()) };
}

const loopbacks = Object.values(networkInterfaces())
  .flat()
  .flatMap((one) => (one?.internal === true ? [one] : []))
  .filter(({ address }) => address === "127.0.0.1" || address === "::1")
  .map(({ address, family }) => [address, family === "IPv4" ? "ipv4" : "ipv6"] as const);

test.each(loopbacks)(
  "more datagrams than fit one call come and go through %s, each from whom it is",
  async (address, family) => {
    const { came, peer, counters, socket, stop } = await startPair(address, family);
    if (!socket) return;
    for (let i = 0; i < COUNT; i++) socket.send({ bytes: new Uint8Array(1_200).fill(i), at: i }, peer);
    for (let turn = 0; turn < 500 && came.length < COUNT; turn++) await Bun.sleep(10);
    stop();
    expect(counters).toMatchObject({ sent: COUNT, sendFailures: 0 });
    const expected = Array.from({ length: COUNT }, (_, i) => [i & 0xff, (1_200 - i) & 0xff, (1_200 - i) >> 8].join());
    expect(came.map(({ bytes }) => bytes.join()).toSorted()).toEqual(expected.toSorted());
    expect(came.every(({ isFromEcho, isFromOther }) => isFromEcho && !isFromOther)).toBe(true);
  },
);

test("a datagram that has no way is counted and does not hold up those behind it", async () => {
  const { came, peer, counters, socket, stop } = await startPair("127.0.0.1", "ipv4");
  if (!socket) return;
  // The kernel sends nothing to port 0.
  for (const to of [peerOf("127.0.0.1", 0), peer]) socket.send({ bytes: Uint8Array.of(7), at: 0 }, to);
  for (let turn = 0; turn < 200 && came.length === 0; turn++) await Bun.sleep(10);
  stop();
  expect(counters.sendFailures).toBe(1);
  expect(came).toEqual([{ bytes: [7, 1, 0], isFromEcho: true, isFromOther: false }]);
});
