import { z } from "zod";
import type { InstantSeries, RangeSeries } from "./store.ts";

/** Prometheus sends numbers as strings, so that NaN and infinities survive JSON. */
const point = z.tuple([z.number(), z.string()]).transform(([at, value]) => ({ at, value: parseValue(value) }));
const labels = z.record(z.string(), z.string());

const failure = z.object({ status: z.literal("error"), errorType: z.string().default(""), error: z.string() });
const vector = z.object({
  resultType: z.literal("vector"),
  result: z.array(z.object({ metric: labels, value: point })),
});
const scalar = z.object({ resultType: z.literal("scalar"), result: point });
const matrix = z.object({
  resultType: z.literal("matrix"),
  result: z.array(z.object({ metric: labels, values: z.array(point) })),
});
const success = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [vector, scalar, matrix]),
});

export const queryResponse = z.discriminatedUnion("status", [success, failure]);
export type QueryData = z.output<typeof success>["data"];

export function instantSeries(data: QueryData): InstantSeries[] {
  switch (data.resultType) {
    case "vector":
      return data.result.map((s) => ({ labels: s.metric, timestamp: s.value.at, value: s.value.value }));
    case "scalar":
      return [{ labels: {}, timestamp: data.result.at, value: data.result.value }];
    case "matrix":
      throw new Error(
        "the metrics store answered an instant query with a range; ask with range() for a range selector",
      );
  }
}

export function rangeSeries(data: QueryData): RangeSeries[] {
  if (data.resultType !== "matrix") throw new Error(`the metrics store answered a range query with ${data.resultType}`);
  return data.result.map((s) => ({
    labels: s.metric,
    timestamps: s.values.map((v) => v.at),
    values: s.values.map((v) => v.value),
  }));
}

function parseValue(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
