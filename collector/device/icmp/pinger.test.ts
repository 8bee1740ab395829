import { afterEach, expect, test } from "bun:test";
import * as fc from "fast-check";
import { systemTimerClock } from "../clock.ts";
import { addressBytes, addressText, plainAddress } from "./address.ts";
import { createPinger, openIcmpSocket } from "./index.ts";
import { echoRequest, tokenOf } from "./packet.ts";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

test("a reply is known by its token, and nothing else is one", () => {
  const token = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const packet = echoRequest(token, 9);
  expect(tokenOf(packet, false)).toBeUndefined();
  packet[0] = 0;
  expect(tokenOf(packet, false)).toBe("0102030405060708");
  const header = new Uint8Array(20);
  header[0] = 0x45;
  expect(tokenOf(Uint8Array.from([...header, ...packet]), true)).toBe("0102030405060708");
  for (let length = 0; length < packet.length; length += 1)
    expect(tokenOf(packet.subarray(0, length), false)).toBeUndefined();
  expect(tokenOf(new Uint8Array(60), true)).toBeUndefined();
});

test("every address has one text, whatever text it was given in", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const bytes = addressBytes(address);
      expect(bytes).toHaveLength(address.includes(":") ? 16 : 4);
      expect(addressBytes(addressText(bytes))).toEqual(bytes);
      expect(plainAddress(plainAddress(address))).toBe(plainAddress(address));
    }),
  );
  const texts = ["2001:DB8:0:0:0:0:0:1", "::FFFF:1.2.3.4", "0:0::0:0:0.0.0.0", "1:0:0:2:0:0:0:3", "10.0.0.1"];
  expect(texts.map(plainAddress)).toEqual(["2001:db8::1", "::ffff:102:304", "::", "1:0:0:2::3", "10.0.0.1"]);
});

test("a host that answers has a round trip; where no socket is allowed, the status says what to do", async () => {
  const icmp = openIcmpSocket();
  if (icmp.kind === "unavailable") {
    expect(icmp.message).toMatch(/CAP_NET_RAW|Linux/);
    return;
  }
  const pinger = createPinger({ socket: icmp.socket, clock: systemTimerClock });
  opened.push(() => pinger.close());
  const results = await Promise.all(
    ["127.0.0.1", "127.1.2.3", "::1", "0:0::1"]
      .filter(pinger.canAsk)
      .map((address) => pinger.ping(address, { count: 3, timeoutMs: 2_000 })),
  );
  for (const result of results) {
    expect(result).toMatchObject({ sent: 3, received: 3 });
    expect(result.roundTripMs).toBeLessThan(1_000);
  }
});

test("what cannot be reached is lost after its time, and closing ends what is awaited", async () => {
  const icmp = openIcmpSocket();
  if (icmp.kind === "unavailable") return;
  const pinger = createPinger({ socket: { ...icmp.socket, send: () => true }, clock: systemTimerClock });
  expect(await pinger.ping("127.0.0.1", { count: 2, timeoutMs: 100 })).toEqual({
    sent: 2,
    received: 0,
    roundTripMs: undefined,
  });
  const awaited = pinger.ping("127.0.0.1", { count: 1, timeoutMs: 60_000 });
  pinger.close();
  expect((await awaited).received).toBe(0);
});
