import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { LinkMeters } from "../link/index.ts";
import { measureProcess } from "./process.ts";

/** What the hub counts of itself; /metrics shows it. */
export interface Meters {
  link: LinkMeters;
  /** A remote write that the gateway answered. */
  gatewayWrite(status: number, bytes: number): void;
  /** A request that the pages or the API answered. */
  httpRequest(request: { method: string; status: number; seconds: number }): void;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
  stop(): void;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function createMeters(): Meters {
  const registry = new Registry();
  const stop = measureProcess(registry);
  return {
    link: linkMeters(registry),
    gatewayWrite: gatewayMeter(registry),
    httpRequest: httpMeter(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    stop,
  };
}

function linkMeters(registry: Registry): LinkMeters {
  const registers = [registry];
  const streams = new Gauge({
    name: "watchpost_collectors_connected",
    help: "Collector streams that are up.",
    registers,
  });
  const stored = new Counter({ name: "watchpost_events_stored_total", help: "Events committed.", registers });
  const repeated = new Counter({
    name: "watchpost_events_repeated_total",
    help: "Events that came again and were dropped.",
    registers,
  });
  const acks = new Counter({ name: "watchpost_event_acks_total", help: "Acknowledgements sent.", registers });
  const refused = new Counter({
    name: "watchpost_streams_refused_total",
    help: "Collector streams ended by the hub.",
    labelNames: ["reason"] as const,
    registers,
  });
  return {
    streams: (count) => streams.set(count),
    eventsStored: (count) => stored.inc(count),
    eventsRepeated: (count) => repeated.inc(count),
    acked: () => acks.inc(),
    refused: (reason) => refused.inc({ reason }),
  };
}

function gatewayMeter(registry: Registry): Meters["gatewayWrite"] {
  const registers = [registry];
  const labelNames = ["code"] as const;
  const writes = new Counter({
    name: "watchpost_gateway_writes_total",
    help: "Remote writes, by answer.",
    labelNames,
    registers,
  });
  const bytes = new Counter({
    name: "watchpost_gateway_bytes_total",
    help: "Remote-write bytes passed on.",
    registers,
  });
  return (status, length) => {
    writes.inc({ code: String(status) });
    bytes.inc(length);
  };
}

function httpMeter(registry: Registry): Meters["httpRequest"] {
  const duration = new Histogram({
    name: "watchpost_http_request_duration_seconds",
    help: "Time to the response's head.",
    labelNames: ["method", "code"] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  return ({ method, status, seconds }) =>
    duration.observe({ method: METHODS.has(method) ? method : "other", code: String(status) }, seconds);
}
