import { expect, test } from "bun:test";
import { SiteYaml } from "./add-device.ts";

const DEVICE = { name: "edge-sw7", address: "10.0.0.7", port: 161, credential: "plant", role: "" };

test("a device is added behind the others, and what people wrote stays", () => {
  const site = new SiteYaml(
    "# plant 7\ndevices:\n  - { name: core-sw1, address: 10.0.0.1 } # the old one\nrules: []\n",
  );
  expect([site.at({ address: "10.0.0.1", port: 161 }), site.at(DEVICE)]).toEqual(["core-sw1", undefined]);
  site.add(DEVICE);
  expect([site.at(DEVICE), [...site.names]]).toEqual(["edge-sw7", ["core-sw1", "edge-sw7"]]);
  const text = site.toString();
  expect(text).toContain("# plant 7\ndevices:");
  expect(text).toContain("# the old one");
  expect(new SiteYaml(text).at(DEVICE)).toBe("edge-sw7");
});

const LAUGHS = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}x]`).join("\n");

test.each([
  ["broken", "devices: ["],
  ["a list", "- a\n- b"],
  ["devices without addresses", "devices:\n  - name: core-sw1"],
  ["aliases that would fill the memory", `l0: &l0 lol\n${LAUGHS}`],
])("a configuration that is %s is a conflict that says what to do", (_, text) => {
  expect(() => new SiteYaml(text)).toThrow("Push it whole once.");
});
