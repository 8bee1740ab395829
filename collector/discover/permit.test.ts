import { expect, test } from "bun:test";
import { permit } from "./permit.ts";

const allow = ["10.1.0.0/16", "192.0.2.7/32", "2001:db8::/64"];

test("addresses within the allowed ranges are scanned, without a block's network and broadcast address", () => {
  expect(permit(["10.1.2.0/30"], allow)).toEqual({ kind: "permitted", addresses: ["10.1.2.1", "10.1.2.2"] });
  expect(permit(["10.1.0.255-10.1.1.1"], allow)).toMatchObject({ addresses: ["10.1.0.255", "10.1.1.0", "10.1.1.1"] });
  expect(permit(["10.1.0.1", "10.1.0.0/31", "192.0.2.7"], allow)).toMatchObject({
    addresses: ["10.1.0.1", "10.1.0.0", "192.0.2.7"],
  });
  expect(permit(["2001:db8::ff-2001:db8::101"], allow)).toMatchObject({
    addresses: ["2001:db8::ff", "2001:db8::100", "2001:db8::101"],
  });
});

test("one address outside refuses the whole scan, and says what is allowed", () => {
  for (const range of [
    "10.0.0.0/8",
    "10.2.0.1",
    "10.1.255.255-10.2.0.0",
    "192.0.2.0/24",
    "2001:db8::/63",
    "0.0.0.0/0",
    "::ffff:10.1.0.1",
  ])
    expect([range, permit(["10.1.0.1", range], allow)]).toMatchObject([range, { kind: "refused" }]);
  expect(permit(["10.2.0.1"], allow)).toMatchObject({ reason: expect.stringContaining("10.1.0.0/16") });
  expect(permit(["10.1.0.1"], [])).toMatchObject({ reason: expect.stringContaining("discover.allow") });
});

test("nonsense and more than 65,536 addresses are refused before anything is counted out", () => {
  for (const range of [
    "",
    "10.1.0.1/33",
    "10.1.0.9-10.1.0.1",
    "10.1.0.1-2001:db8::1",
    "10.1.0.1-10.1.0.2-3",
    "10.1",
    "fe80::1%eth0",
    "10.1.0.0/1e1",
  ])
    expect([range, permit([range], allow)]).toMatchObject([range, { kind: "refused" }]);
  expect(permit(["2001:db8::/64"], allow)).toMatchObject({ reason: expect.stringContaining("18446744073709551616") });
  expect(permit(["10.1.0.0/17", "10.1.128.0/17", "10.1.0.0/29"], allow)).toMatchObject({ kind: "refused" });
  expect(
    permit(
      Array.from({ length: 65 }, () => "10.1.0.1"),
      allow,
    ),
  ).toMatchObject({ kind: "refused" });
});
