import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { tellCounterColumns } from "../poll/counter-columns.ts";
import type { InterfaceReading } from "../poll/reading.ts";
import { answered, device, port } from "../topology/reading.fixture.ts";
import { siteUnderTest } from "./site.fixture.ts";

const RUNS = 50;
const PORTS = 4;
const METRICS = ["if_in_octets_total", "if_out_octets_total"];

interface Step {
  kind: "count" | "fall" | "down" | "up" | "closed" | "moved" | "huge";
  port: number;
}

/** Ports whose numbers stand in columns, the same list with every poll, as a poller keeps them. */
function livePorts() {
  const numbers = new Float64Array(PORTS * METRICS.length).fill(1_000);
  const ports = Array.from({ length: PORTS }, (_, i) => ({
    ...port(`Gi${i}`),
    get counters(): InterfaceReading["counters"] {
      return METRICS.map((metric, k) => ({ metric, raw: numbers[i * METRICS.length + k] ?? 0, bits: 64 }));
    },
  }));
  const firsts = Int32Array.from({ length: PORTS + 1 }, (_, i) => i * METRICS.length);
  tellCounterColumns(ports, { firsts, cells: Int32Array.from(numbers.keys()), numbers });
  return { ports, numbers };
}

function change({ ports, numbers }: ReturnType<typeof livePorts>, { kind, port: at }: Step): void {
  const one = ports[at];
  if (!one) return;
  for (let i = 0; i < numbers.length; i++) numbers[i] = (numbers[i] ?? 0) + 10;
  if (kind === "fall") numbers[at * METRICS.length] = 1;
  if (kind === "huge") numbers[at * METRICS.length] = Number.MAX_SAFE_INTEGER + 1;
  if (kind === "down") one.operStatus = 2;
  if (kind === "up") one.operStatus = one.adminStatus = 1;
  if (kind === "closed") one.adminStatus = 2;
  if (kind === "moved") one.discontinuityTicks += 1;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step["kind"]>("count", "count", "count", "fall", "down", "up", "closed", "moved", "huge"),
    port: fc.nat(PORTS - 1),
  }),
  { minLength: 1, maxLength: 12 },
);

test("a poll that finds all as it was says what one that looks at every port says", async () => {
  const devices = Array.from({ length: RUNS }, (_, i) => device(`acc${i}`));
  const [quick, slow] = await Promise.all([siteUnderTest(devices), siteUnderTest(devices)]);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const name = `acc${run++ % RUNS}`;
      const live = livePorts();
      for (const [i, step] of [{ kind: "count", port: 0 } as const, ...list].entries()) {
        change(live, step);
        const takenAtMs = 1_000_000 + i * 30_000;
        const told = await quick.take(answered(name, { takenAtMs, interfaces: live.ports }));
        // Copies are another list with every poll: nothing is taken for granted of them.
        const copies = live.ports.map((one) => ({ ...one }));
        expect(told).toEqual(await slow.take(answered(name, { takenAtMs, interfaces: copies })));
      }
    }),
    { numRuns: RUNS },
  );
});
