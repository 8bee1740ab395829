import { expect, test } from "bun:test";
import { createSnmpEngine, type Target } from "../device/snmp/index.ts";
import { siteConfigOf } from "../../packaging/lab/site-config.ts";
import { newDeviceState, pollDevice } from "../poll/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { readRecording, serveRecording } from "../profile/recording/index.ts";
import { newSampleState, SeriesTable, samplesOf } from "../sample/index.ts";
import { device } from "../topology/reading.fixture.ts";
import { siteUnderTest } from "./site.fixture.ts";

/** The rules that a site begins with. */
const { rules } = siteConfigOf([], [], { link: 0, enrollment: 0, remoteWrite: 0 });

/** What the rules say of a device that only its vendor's own tables describe; `~` is where vendors have their numbers. */
async function firing(objectId: string, ...lines: string[]): Promise<string[]> {
  const text = [`1.3.6.1.2.1.1.2.0|6|${objectId}`, "1.3.6.1.2.1.1.3.0|67|9", ...lines].join("\n");
  const served = await serveRecording(readRecording(Buffer.from(text.replaceAll("~", "1.3.6.1.4.1"))));
  const engine = createSnmpEngine();
  const site = await siteUnderTest([device("box", "access")], rules);
  const { address, port, community } = served;
  const credential = { name: "recording", version: "v2c", community } as const;
  const target: Target = { name: "box", address, port, credential, timeoutMs: 1_000, retries: 2 };
  const poll = { engine, library: loadProfiles(), target, state: newDeviceState(), budgetMs: 10_000 };
  const [table, state] = [new SeriesTable(), newSampleState()];
  try {
    for (let polls = 0; polls < 2; polls++) {
      const reading = await pollDevice(poll);
      if (reading.kind !== "answered") throw new Error(reading.message);
      await site.engine.take(reading, samplesOf(reading, table, state));
    }
  } finally {
    engine.close();
    served.close();
  }
  return site.events.map(({ summary }) => summary).filter((summary) => summary.includes("usage_ratio"));
}

const part = (row: number, name: string, cpu: number, memory: number) => [
  `1.3.6.1.2.1.47.1.1.1.1.7.${row}|4|${name}`,
  `~.2011.5.25.31.1.1.1.1.5.${row}|2|${cpu}`,
  `~.2011.5.25.31.1.1.1.1.7.${row}|2|${memory}`,
];

test("processor and memory of a vendor's entity table, of the parts that have them", async () => {
  expect(await firing("~.2011.2.23.999", ...part(9, "MPU Board 0", 96, 97), ...part(17, "Port 1", 0, 0))).toEqual([
    "box: cpu_usage_ratio of processor MPU Board 0 is 0.96, above 0.9 (cpu-high)",
    "box: memory_usage_ratio of MPU Board 0 is 0.97, above 0.9 (memory-high)",
  ]);
});

test("a pool of memory, a disk, and a share without a size", async () => {
  const sizes = ["~.12356.101.4.1.4.0|66|95", "~.12356.101.4.1.5.0|66|1000", "~.12356.101.4.1.6.0|66|92"];
  expect(await firing("~.12356.101.1.9999", ...sizes, "~.12356.101.4.1.7.0|66|100")).toEqual([
    "box: storage_usage_ratio of storage memory is 0.95, above 0.9 (storage-full)",
    "box: storage_usage_ratio of storage disk is 0.92, above 0.9 (storage-full)",
    "box: memory_usage_ratio is 0.95, above 0.9 (memory-high)",
  ]);
  expect(await firing("~.12532.256.1", "~.12532.11.0|66|91", "~.12532.25.0|66|99")).toEqual([
    "box: memory_usage_ratio is 0.91, above 0.9 (memory-high)",
    "box: storage_usage_ratio of storage disk is 0.99, above 0.9 (storage-full)",
  ]);
});
