import type { Clock } from "../clock.ts";
import { create } from "@bufbuild/protobuf";
import { EventKind, EventState, type Verdict, VerdictSchema } from "@watchpost/proto";
import type { EventDraft } from "../outbox/event-draft.ts";
import { SEVERITY_NAMES } from "../rule/index.ts";
import type { Topology } from "../topology/index.ts";
import { explainedBy, type OpenProblems } from "./cause.ts";
import { History } from "./history.ts";
import { scoreOf } from "./score.ts";
import { templateOf } from "./template.ts";

export type JudgedEvent = EventDraft & { verdict: Verdict };

/** "folded": a repeat of a moment that was told just now; the next one told carries the count. */
export type Judged = { kind: "judged"; event: JudgedEvent } | { kind: "folded"; times: number };

export interface Triage {
  judge(event: EventDraft): Judged;
}

/** The verdict that needs no model: template, repeats, flapping, cause by topology, score. */
export function createTriage(options: {
  topology: Topology;
  open: OpenProblems;
  clock: Pick<Clock, "monotonicMs">;
}): Triage {
  const { topology, open, clock } = options;
  const history = new History();
  return {
    judge(event) {
      const startedMs = clock.monotonicMs();
      const noted = history.note(event);
      if (noted.kind === "folded") return noted;
      const cause = event.state === EventState.FIRING ? explainedBy(event, topology, open) : "";
      const { score, reasons } = scoreOf({
        ...noted,
        state: event.state,
        severity: event.severity,
        severityName: SEVERITY_NAMES[event.severity],
        explainedBy: cause,
        devicesBehind: cause === "" ? devicesBehind(event, topology) : 0,
      });
      const verdict = create(VerdictSchema, {
        severity: event.severity,
        score,
        reasons,
        explainedBy: cause,
        flapping: noted.flapping || event.kind === EventKind.INTERFACE_FLAPPING,
        source: "rules",
        durationMs: Math.max(0, Math.round(clock.monotonicMs() - startedMs)),
        template: templateOf(event.summary, event),
      });
      const repeats = noted.foldedBefore === 0 ? {} : { repeats: String(noted.foldedBefore) };
      return { kind: "judged", event: { ...event, attributes: { ...event.attributes, ...repeats }, verdict } };
    },
  };
}

function devicesBehind(event: EventDraft, topology: Topology): number {
  if (event.state !== EventState.FIRING) return 0;
  if (event.kind === EventKind.DEVICE_DOWN) return topology.countBehind(event.device);
  if (event.kind !== EventKind.INTERFACE_DOWN && event.kind !== EventKind.INTERFACE_FLAPPING) return 0;
  return topology.countBehindPort(event.device, event.object);
}
