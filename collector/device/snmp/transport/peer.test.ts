import { expect, test } from "bun:test";
import { peerOf } from "./peer.ts";

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["2001:DB8:0::0001", "2001:db8::1"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["::FFFF:a00:1", "10.0.0.1"],
  ["::ffff:0:a00:1", "::ffff:0:a00:1"],
])("%s is asked as %s", (written, asked) => {
  const peer = peerOf(written, 161);
  expect(peer.address).toBe(asked);
  expect(peer.family).toBe(asked.includes(":") ? "ipv6" : "ipv4");
  expect(peer.words).toEqual(peerOf(asked, 161).words);
});

test.each(["core-sw1", "10.0.0.256", "fe80::1%eth0", ""])('"%s" is refused with the reason', (written) => {
  expect(() => peerOf(written, 161)).toThrow(`"${written}"`);
});
