import { afterAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createSnmpEngine, Tag } from "../device/snmp/index.ts";
import { element, unsigned } from "../device/snmp/responder.fixture.ts";
import { loadProfiles } from "../profile/index.ts";
import { newSampleState, samplesOf, SeriesTable } from "../sample/index.ts";
import { type MadeUpDevice, startMadeUpDevice } from "./device.fixture.ts";
import { type Answered, newDeviceState, pollDevice } from "./index.ts";
import { copyOf } from "./read/live-interfaces.ts";

const engine = createSnmpEngine();
const library = loadProfiles();
afterAll(() => engine.close());

type Change = (device: MadeUpDevice) => void;

const port = fc.nat(5);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(port, fc.bigInt({ min: 0n, max: 2n ** 62n })).map(
    ([at, more]): Change =>
      ({ ports }) => {
        const one = ports[at % Math.max(1, ports.length)];
        if (one) one.octets = (one.octets + more) % 2n ** 64n;
      },
  ),
  fc.constant<Change>((device) => {
    device.ports.push({ index: 40 + device.ports.length, name: `new${device.ports.length}`, octets: 1n });
  }),
  fc.constant<Change>(({ ports }) => void ports.splice(1, 1)),
  port.map(
    (at): Change =>
      ({ ports }) => {
        const one = ports[at % Math.max(1, ports.length)];
        if (one) one.name = `${one.name}x`.slice(0, 12);
      },
  ),
  fc.constant<Change>(({ ports }) => {
    for (const one of ports) one.index += 100;
  }),
  fc.constant<Change>((device) => {
    device.uptimeTicks = 5;
    device.engineBoots += 1;
    for (const one of device.ports) one.octets %= 1_000n;
  }),
  fc.integer({ min: 1, max: 7 }).map(
    (state): Change =>
      (device) => {
        device.more = [processor(state)];
      },
  ),
);

/** How a poller without memory of rows reads: no sheet, and everything each time. */
function plainly(state: ReturnType<typeof newDeviceState>) {
  state.sheets = undefined;
  state.board = undefined;
  state.fast = undefined;
}

/** What a reading says, without what it cost. */
function facts(reading: Answered): object {
  const interfaces = reading.interfaces.map(copyOf);
  return { ...structuredClone({ ...reading, interfaces }), requests: 0, durationMs: 0, takenAtMs: 0 };
}

test.each([true, false])(
  "a poll that knows the rows says the same as one that reads everything (table change told: %p)",
  async (tells) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 3 }), { minLength: 2, maxLength: 6 }), async (rounds) => {
        const made = await startMadeUpDevice({
          more: [processor(1)],
          ports: [1, 2, 3].map((i) => ({ index: i, name: `ge${i}`, octets: 7n })),
        });
        const states = [newDeviceState(), newDeviceState()] as const;
        const takers = states.map(() => ({ table: new SeriesTable(), state: newSampleState() }));
        let tableChange = 1;
        for (const changes of [[], ...rounds]) {
          made.device.uptimeTicks += 6_000;
          for (const apply of changes) apply(made.device);
          tableChange += changes.length;
          if (tells) made.device.more = [...made.device.more.filter(isNoTableChange), told(tableChange)];
          plainly(states[1]);
          const read = [];
          for (const [i, state] of states.entries()) {
            const target = made.target();
            const reading = await pollDevice({ engine, library, target, state, budgetMs: 5_000 });
            if (reading.kind !== "answered") throw new Error(JSON.stringify(reading));
            const taker = takers[i] as (typeof takers)[number];
            const { series, values } = samplesOf(reading, taker.table, taker.state);
            const named = [...series].map(({ name, labels }, at) => [name, labels, values[at]] as const);
            read.push({ facts: facts(reading), samples: named.filter(([name]) => !name.startsWith("device_poll_")) });
          }
          expect(read[0]).toEqual(read[1] as (typeof read)[number]);
        }
        made.stop();
      }),
      { numRuns: 25 },
    );
  },
);

function processor(load: number) {
  return { oid: "1.3.6.1.2.1.25.3.3.1.2.7", value: element(Tag.Integer, load) };
}

function told(ticks: number) {
  return { oid: "1.3.6.1.2.1.31.1.5.0", value: unsigned(Tag.TimeTicks, ticks) };
}

function isNoTableChange({ oid }: { oid: string }): boolean {
  return oid !== "1.3.6.1.2.1.31.1.5.0";
}

test("what did not move is not asked again, and each value once", async () => {
  const made = await startMadeUpDevice({ more: [told(9)] });
  const state = newDeviceState();
  const poll = () => pollDevice({ engine, library, target: made.target(), state, budgetMs: 5_000 });
  await poll();
  const whole = made.questions();
  const second = await poll();
  made.stop();
  expect(second).toMatchObject({ kind: "answered", requests: made.questions() - whole });
  expect(state.fast?.columns.map(({ text }) => text)).not.toContain("1.3.6.1.2.1.31.1.1.1.1");
  expect(second.kind === "answered" && second.interfaces.map(({ name, alias }) => `${name} ${alias}`)).toEqual([
    "ge1 alias of ge1",
    "ge2 alias of ge2",
  ]);
});
