import { Icon, type IconName } from "../component/icon.tsx";
import { durationMs, percent, plural } from "../component/quantity.ts";

export interface InsightStepView {
  kind: "started" | "evidence" | "cause" | "narration" | "finished";
  text: string;
  /** Since the analysis began. */
  afterMs?: number;
}

export interface InsightPanelView {
  incidentId: string;
  state: "none" | "running" | "finished" | "failed";
  /** The conclusion, once there is one. */
  conclusion?: string;
  confidence?: number;
  impact?: string;
  /** "rules", "ollama llama3.2", … */
  source?: string;
  durationMs?: number;
  note?: string;
  steps: InsightStepView[];
  /** What somebody could do, the least risky first. */
  actions: { text: string; risk: string; script?: { id: string; name: string } }[];
}

const STEP_ICONS: Record<InsightStepView["kind"], IconName> = {
  started: "play",
  evidence: "search",
  cause: "git-compare",
  narration: "message-square",
  finished: "check",
};

/** What the assistant says. Violet and the rule at the left are its own. */
export function InsightPanel({ view }: { view: InsightPanelView }) {
  return (
    <section
      class="assistant"
      id="incident-insight"
      aria-labelledby="insight-title"
      aria-busy={String(view.state === "running")}
    >
      <div class="assistant-head">
        <Icon name="sparkles" class={view.state === "running" ? "waiting" : ""} />
        <h2 id="insight-title">Analysis</h2>
        <span class="note">{sourceLine(view)}</span>
      </div>
      <p class="conclusion" aria-live="polite">
        {view.conclusion ?? WAITING[view.state]}
      </p>
      {view.impact ? <p class="impact">{view.impact}</p> : null}
      {view.note ? <p class="impact">{view.note}</p> : null}
      {view.actions.length === 0 ? null : <RecommendedActions view={view} />}
      {view.steps.length === 0 ? null : <Steps steps={view.steps} open={view.state === "running"} />}
    </section>
  );
}

const WAITING: Record<InsightPanelView["state"], string> = {
  none: "No analysis has run for this incident.",
  running: "Gathering evidence: metrics, topology, recent events and changes.",
  finished: "The analysis ended without a conclusion.",
  failed: "The analysis failed. The hub's log says why; the evidence gathered so far is below.",
};

function sourceLine(view: InsightPanelView): string {
  if (view.state === "running") return "running";
  const parts = [
    view.confidence === undefined ? undefined : `confidence ${percent(view.confidence)}`,
    view.source === undefined ? undefined : `by ${view.source}`,
    view.durationMs === undefined ? undefined : `in ${durationMs(view.durationMs)}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function RecommendedActions({ view }: { view: InsightPanelView }) {
  return (
    <ul class="actions-list" aria-label="Recommended actions">
      {view.actions.map((action) => (
        <li>
          <Icon name="chevron-right" />
          <span>{action.text}</span>
          {action.risk === "none" ? null : <span class="tag plain">{action.risk} risk</span>}
          {action.script ? (
            <a href={`/automation/${action.script.id}?incident=${view.incidentId}`}>Run {action.script.name}</a>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

/** Open while it runs, folded on a page that comes later; the reader's own choice stays through updates. */
function Steps({ steps, open }: { steps: InsightStepView[]; open: boolean }) {
  return (
    <details class="steps-box" id="insight-steps" open={open}>
      <summary>
        <Icon name="chevron-right" />
        {plural(steps.length, "step")}
      </summary>
      <ol class="steps">
        {steps.map((step) => (
          <li>
            <Icon name={STEP_ICONS[step.kind]} />
            <span class="truncate" title={step.text}>
              {step.text}
            </span>
            <span class="faint mono">{step.afterMs === undefined ? "" : durationMs(step.afterMs)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
