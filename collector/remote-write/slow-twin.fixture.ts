import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { StoredBatch } from "../spool/index.ts";

/** The WriteRequest from its field definitions, one message at a time, grouped by layout: slow and obvious. */
export function encodeSlowly(batches: readonly StoredBatch[], extra: Record<string, string>): Uint8Array {
  const request = new BinaryWriter();
  const byLayout = Map.groupBy(
    batches.toSorted((a, b) => a.takenAtMs - b.takenAtMs),
    (batch) => batch.series,
  );
  const lines = [...byLayout].flatMap(([layout, polls]) =>
    Array.from(layout, (series, index) => ({
      series,
      samples: polls.map((poll) => ({ value: poll.values[index] as number, timeMs: poll.takenAtMs })),
    })),
  );
  for (const { series, samples } of lines) {
    const timeSeries = request.tag(1, WireType.LengthDelimited).fork();
    const labels: Record<string, string> = { ...series.labels, ...extra, __name__: series.name };
    for (const [name, value] of Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === "") continue;
      const label = timeSeries.tag(1, WireType.LengthDelimited).fork();
      label.tag(1, WireType.LengthDelimited).string(name);
      label.tag(2, WireType.LengthDelimited).string(value);
      label.join();
    }
    for (const { value, timeMs } of samples) {
      const sample = timeSeries.tag(2, WireType.LengthDelimited).fork();
      sample.tag(1, WireType.Bit64).double(value);
      sample.tag(2, WireType.Varint).int64(timeMs);
      sample.join();
    }
    timeSeries.join();
  }
  return request.finish();
}

/** How many time series a WriteRequest names. */
export function countTimeSeries(bytes: Uint8Array): number {
  const reader = new BinaryReader(bytes);
  let count = 0;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    reader.skip(wire, field);
    count += 1;
  }
  return count;
}
