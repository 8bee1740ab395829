import { expect, test } from "bun:test";
import { PLANNED_DEVICES, randomFor, reachableFrom } from "../topology/index.ts";
import type { BootRecord } from "./device.ts";
import { type Direction, type Port, Site } from "./index.ts";

const EPOCH = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

function siteAt(clock: () => number): Site {
  const boots: Record<string, BootRecord> = {};
  for (const { name } of PLANNED_DEVICES) boots[name] = { bootedAtMs: EPOCH + DAY_MS, engineBoots: 1 };
  return new Site({ seed: 7, epochMs: EPOCH, boots, clock });
}

function portsOf(site: Site): Port[] {
  return [...site.devices.values()].flatMap((device) => device.ports);
}

const DIRECTIONS: Direction[] = ["in", "out"];
const KINDS = ["unicast", "multicast", "broadcast"] as const;

test("no counter of any port falls or passes its line rate, while links come and go and errors rise", () => {
  let nowMs = EPOCH + 30 * DAY_MS;
  const site = siteAt(() => nowMs);
  const ports = portsOf(site);
  const random = randomFor(7, "walk");
  const counted = () =>
    ports.map((port) => [
      ...DIRECTIONS.map((direction) => port.octets(direction, nowMs)),
      ...DIRECTIONS.flatMap((direction) => KINDS.map((kind) => port.packets(direction, kind, nowMs))),
      port.errors(nowMs),
      port.discards(nowMs),
    ]);
  for (const port of ports) {
    const perSecond = port.floorPacketsPerSecond * 0.2;
    port.errorsIn.start({ nowMs, perSecond, climbSeconds: 60 });
    port.discardsIn.start({ nowMs, perSecond: perSecond / 2, climbSeconds: 600 });
  }
  let before = counted();
  for (let step = 0; step < 300; step += 1) {
    const port = ports[Math.floor(random() * ports.length)];
    if (port?.cuts.has("test")) port.cuts.delete("test");
    else port?.cuts.add("test");
    site.refresh();
    const stepMs = 1 + Math.floor(random() * 20_000);
    nowMs += stepMs;
    const now = counted();
    for (const [at, counters] of now.entries()) {
      const deltas = counters.map((counter, column) => counter - (before[at]?.[column] ?? 0));
      expect(Math.min(...deltas)).toBeGreaterThanOrEqual(0);
      const bits = Math.max(deltas[0] ?? 0, deltas[1] ?? 0) * 8;
      expect(bits).toBeLessThanOrEqual(((ports[at]?.speedBps ?? 0) * stepMs) / 1_000 + 8);
    }
    before = now;
  }
  expect(ports.filter((port) => port.flows && port.errors(nowMs) === 0)).toEqual([]);
});

test("both ends of each link share one cable: what one sends the other receives", () => {
  for (const port of portsOf(siteAt(() => EPOCH + 2 * DAY_MS))) {
    if (!port.peer) continue;
    expect(port.peer.peer).toBe(port);
    expect(port.flows?.out).toBe(port.peer.flows!.in);
    expect(port.cuts).toBe(port.peer.cuts);
  }
});

test("only what a path of edges leads to is reachable", () => {
  const edges = [
    ["a", "b"],
    ["b", "c"],
    ["d", "e"],
    ["c", "a"],
  ] as const;
  expect(reachableFrom("a", edges)).toEqual(new Set(["a", "b", "c"]));
  expect(reachableFrom("x", edges)).toEqual(new Set(["x"]));
});
