import { expect, test } from "bun:test";
import type { Cable, TopologyNode } from "../../device/index.ts";
import { layoutOf } from "./topology-layout.ts";

function node(name: string, role = ""): TopologyNode {
  return { id: name, name, role, state: "up" };
}

function end(deviceId: string) {
  return { deviceId, port: "1", operStatus: 1 };
}

function cable(a: string, b: string): Cable {
  return { ends: [end(a), end(b)] };
}

/** Names by row, from the top. */
function rowsOf(nodes: TopologyNode[], cables: Cable[], columnsMax = 10): string[] {
  const { placed, rows } = layoutOf({ nodes, cables }, columnsMax);
  return Array.from({ length: rows }, (_, row) =>
    placed
      .filter((one) => one.row === row)
      .map((one) => one.node.name)
      .join(" "),
  );
}

test("roles stand in layers, and what has no such role stands below all of them", () => {
  const nodes = [node("ups", "ups"), node("acc", "access switch"), node("core", "core"), node("ap", "access point")];
  const cables = [cable("core", "acc"), cable("core", "ups"), cable("acc", "ap")];
  expect(rowsOf(nodes, cables)).toEqual(["core", "acc", "ups ap"]);
});

test("without any role the best connected device is on top, and the rest follow step by step", () => {
  const nodes = ["a", "b", "hub", "c", "d"].map((name) => node(name));
  const cables = [cable("hub", "a"), cable("hub", "b"), cable("hub", "c"), cable("c", "d")];
  expect(rowsOf(nodes, cables)).toEqual(["hub", "a b c", "d"]);
});

test("a device stands near what it is cabled to", () => {
  const nodes = [
    node("dist1", "distribution"),
    node("dist2", "distribution"),
    node("acc1", "access"),
    node("acc2", "access"),
  ];
  const [upper = "", lower = ""] = rowsOf(nodes, [cable("dist1", "acc2"), cable("dist2", "acc1")]);
  expect(upper.indexOf("dist1") < upper.indexOf("dist2")).toBe(lower.indexOf("acc2") < lower.indexOf("acc1"));
});

test("a layer that is too wide takes several rows of about the same length", () => {
  const nodes = Array.from({ length: 11 }, (_, index) => node(`acc${index}`, "access"));
  expect(rowsOf(nodes, [], 10).map((row) => row.split(" ").length)).toEqual([6, 5]);
});

test("a site without cables or devices is no error", () => {
  expect(layoutOf({ nodes: [], cables: [] }, 10)).toEqual({ placed: [], rows: 0, columns: 0 });
});
