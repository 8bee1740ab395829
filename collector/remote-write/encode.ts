/**
 * Hot path: writes a Prometheus WriteRequest by hand. Batches of one layout become one time series each, with all their
 * samples. Checked byte for byte against a slow twin in the tests.
 *
 * WriteRequest { repeated TimeSeries timeseries = 1 }   TimeSeries { repeated Label labels = 1; repeated Sample samples = 2 }
 * Label { string name = 1; string value = 2 }           Sample { double value = 1; int64 timestamp = 2 }
 */
import type { SeriesList } from "../sample/series-list.ts";
import type { StoredBatch } from "../spool/index.ts";
import { encodeLabels, type LayoutLabels } from "./labels.ts";
import { varintBytes, writeVarint } from "./varint.ts";

export const TAG_TIME_SERIES = 0x0a;
export const TAG_SAMPLE = 0x12;
export const TAG_VALUE = 0x09;
export const TAG_TIMESTAMP = 0x10;
/** Tag and length of the sample, tag and bytes of its value, tag of its time; without the time itself. */
export const SAMPLE_FIXED_BYTES = 2 + 9 + 1;

export interface Encoder {
  /** Valid until the next call. Samples of one series of one layout are together, in ascending time. */
  encode(batches: readonly StoredBatch[]): Uint8Array<ArrayBuffer>;
  labelsOf(layout: SeriesList): LayoutLabels;
}

interface Group {
  labels: LayoutLabels;
  times: Uint8Array[];
  values: Float64Array[];
  /** Of the samples of one series. */
  bytes: number;
}

/** `extra` labels are put on every series. */
export function createEncoder(extra: Readonly<Record<string, string>>): Encoder {
  let buffer = new Uint8Array(65_536);

  const labelsOf = (layout: SeriesList): LayoutLabels => encodeLabels(layout, extra);

  /** A name that is sent once a request instead of once a sample is most of the bytes saved. */
  function groupsOf(batches: readonly StoredBatch[]): Group[] {
    const groups = new Map<SeriesList, Group>();
    for (const { series, takenAtMs, values } of batches.toSorted((a, b) => a.takenAtMs - b.takenAtMs)) {
      const time = timeField(takenAtMs);
      let group = groups.get(series);
      if (!group) {
        group = { labels: labelsOf(series), times: [], values: [], bytes: 0 };
        groups.set(series, group);
      }
      group.times.push(time);
      group.values.push(values);
      group.bytes += SAMPLE_FIXED_BYTES + time.length;
    }
    return [...groups.values()];
  }

  return {
    labelsOf,
    encode(batches) {
      const groups = groupsOf(batches);
      const bytes = groups.reduce((sum, group) => sum + bytesOf(group), 0);
      if (buffer.length < bytes) buffer = new Uint8Array(bytes * 2);
      let at = 0;
      for (const group of groups) at = writeGroup(group, buffer, at);
      return buffer.subarray(0, at);
    },
  };
}

/** Tag, length and samples of each time series: all of it but the labels. */
export function frameBytes({ ends }: LayoutLabels, sampleBytes: number): number {
  let sum = 0;
  let from = 0;
  for (const end of ends) {
    sum += 1 + varintBytes(end - from + sampleBytes) + sampleBytes;
    from = end;
  }
  return sum;
}

function bytesOf({ labels, bytes }: Group): number {
  return labels.bytes.length + frameBytes(labels, bytes);
}

function writeGroup({ labels, times, values, bytes }: Group, buffer: Uint8Array<ArrayBuffer>, start: number): number {
  const view = new DataView(buffer.buffer);
  let at = start;
  let from = 0;
  for (let series = 0; series < labels.ends.length; series += 1) {
    const end = labels.ends[series] as number;
    buffer[at] = TAG_TIME_SERIES;
    at = writeVarint(buffer, at + 1, end - from + bytes);
    buffer.set(labels.bytes.subarray(from, end), at);
    at += end - from;
    from = end;
    for (let poll = 0; poll < times.length; poll += 1) {
      const time = times[poll] as Uint8Array;
      buffer[at] = TAG_SAMPLE;
      buffer[at + 1] = SAMPLE_FIXED_BYTES - 2 + time.length;
      buffer[at + 2] = TAG_VALUE;
      view.setFloat64(at + 3, (values[poll] as Float64Array)[series] as number, true);
      buffer[at + 11] = TAG_TIMESTAMP;
      at += SAMPLE_FIXED_BYTES;
      for (let i = 0; i < time.length; i += 1) buffer[at + i] = time[i] as number;
      at += time.length;
    }
  }
  return at;
}

/** One time for all samples of a poll: its bytes are made once. */
export function timeField(takenAtMs: number): Uint8Array {
  const bytes = new Uint8Array(10);
  return bytes.subarray(0, writeVarint(bytes, 0, Math.max(0, Math.round(takenAtMs))));
}
