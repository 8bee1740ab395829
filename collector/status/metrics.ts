import { Gauge, Registry } from "prom-client";
import { SNMP_EVENTS, SNMP_OUTCOMES } from "./snmp-names.ts";
import type { StatusView } from "./view.ts";

export interface Metrics {
  contentType: string;
  render(view: StatusView): Promise<string>;
}

const HELP_OF_MESSAGES = {
  traps: "Datagrams at the trap port by what became of them.",
  syslog: "Log lines by what became of them.",
  events: "Traps and log lines by how they were told.",
};

type AddGauge = (name: string, help: string, read: (view: StatusView) => number) => void;
type AddLabelled = (
  name: string,
  help: string,
  labels: string[],
  set: (metric: Gauge, view: StatusView) => void,
) => void;

/** The collector about itself. Names are stable; devices are counted, not listed. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const readers: ((view: StatusView) => void)[] = [];
  const gauge: AddGauge = (name, help, read) => {
    const metric = new Gauge({ name: `watchpost_collector_${name}`, help, registers: [registry] });
    readers.push((view) => metric.set(read(view)));
  };
  const labelled: AddLabelled = (name, help, labels, set) => {
    const metric = new Gauge({ name: `watchpost_collector_${name}`, help, labelNames: labels, registers: [registry] });
    readers.push((view) => {
      metric.reset();
      set(metric, view);
    });
  };
  labelled("info", "Always 1; says which collector this is.", ["version", "name", "site"], (metric, view) => {
    const { version, name, enrolment } = view;
    metric.set({ version, name, site: enrolment.state === "enrolled" ? enrolment.site : "" }, 1);
  });
  labelled("devices", "Configured devices by state.", ["state"], (metric, view) => {
    for (const state of ["up", "down", "unknown"] as const) {
      metric.set({ state }, view.devices.filter((device) => device.state === state).length);
    }
  });
  for (const kind of ["traps", "syslog", "events"] as const) {
    labelled(`messages_${kind}_total`, HELP_OF_MESSAGES[kind], ["fate"], (metric, { messages }) => {
      for (const [fate, count] of Object.entries(messages?.[kind] ?? {})) metric.set({ fate }, count);
    });
  }
  gauge("start_time_seconds", "Unix time of the start.", (v) => v.startedAtMs / 1_000);
  gauge("link_up", "1 while the hub is connected.", (v) => Number(v.link.isUp));
  gauge("hub_clock_offset_seconds", "Hub clock minus site clock.", (v) => (v.link.clockOffsetMs ?? Number.NaN) / 1_000);
  addPolls(gauge, labelled);
  labelled("snmp_datagrams_total", "SNMP datagrams by what became of them.", ["outcome"], (metric, { snmp }) => {
    for (const [outcome, key] of SNMP_OUTCOMES) metric.set({ outcome }, snmp?.[key] ?? 0);
  });
  labelled("snmp_events_total", "What polling met on its way.", ["event"], (metric, { snmp }) => {
    for (const [event, key] of SNMP_EVENTS) metric.set({ event }, snmp?.[key] ?? 0);
  });
  gauge("samples_pending", "Samples that the store has not taken yet.", (v) => v.samples.pending);
  gauge("samples_bytes", "Disk that samples use.", (v) => v.samples.bytes);
  gauge("samples_bytes_max", "Disk that samples may use.", (v) => v.samples.bytesMax);
  gauge("events_pending", "Events that the hub has not acknowledged yet.", (v) => v.events.pending);
  gauge("events_bytes", "Disk that events use.", (v) => v.events.bytes);
  gauge("events_bytes_max", "Disk that events may use.", (v) => v.events.bytesMax);
  gauge("events_firing", "Open events.", (v) => v.firing.length);
  gauge("model_answers_total", "Opinions of the local model.", (v) => v.model?.answered ?? 0);
  gauge("model_failures_total", "Opinions that did not come.", (v) => v.model?.failed ?? 0);
  gauge("model_dropped_total", "Questions given up because too many waited.", (v) => v.model?.dropped ?? 0);
  gauge("resident_memory_bytes", "Memory of this process.", () => process.memoryUsage.rss());
  gauge("cpu_seconds_total", "Processor time of this process.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  return {
    contentType: registry.contentType,
    render(view) {
      for (const read of readers) read(view);
      return registry.metrics();
    },
  };
}

function addPolls(gauge: AddGauge, labelled: AddLabelled): void {
  gauge("polls_total", "Polls since the start.", (v) => v.polls.total);
  gauge("polls_in_flight", "Polls under way.", (v) => v.polls.inFlight);
  gauge("polls_waiting", "Devices that are due and wait for room among the polls under way.", (v) => v.polls.waiting);
  labelled("polls_missed_total", "Turns missed since the start by why.", ["cause"], (metric, { polls }) => {
    metric.set({ cause: "slow" }, polls.overruns);
    metric.set({ cause: "crowded" }, polls.crowded);
  });
  gauge(
    "polls_lateness_seconds",
    "How late the latest poll of the last minute began.",
    (v) => v.polls.latestMs / 1_000,
  );
}
