import { Bar } from "../component/bar.tsx";
import { percent, plural } from "../component/quantity.ts";
import { type EvidenceBody, EvidenceItem, type EvidenceView } from "./evidence.tsx";

export interface CauseView {
  device: string;
  interface?: string;
  /** In words: "link failure". */
  fault: string;
  /** 0..1, computed from the evidence. */
  score: number;
  evidenceIds: string[];
}

export interface WorkbenchView {
  causes: CauseView[];
  evidence: EvidenceView[];
  running: boolean;
}

const CAUSES_SHOWN_MAX = 8;

/** What is seen at a glance comes first. */
const ORDER: Record<EvidenceBody["kind"], number> = { chart: 0, path: 1, lines: 2, table: 3, text: 4 };

/** Left the hypotheses, right the evidence of the chosen one. The choice is a radio button: no script, arrows work. */
export function Workbench({ view }: { view: WorkbenchView }) {
  const causes = view.causes.slice(0, CAUSES_SHOWN_MAX);
  const cited = new Set(causes.flatMap((cause) => cause.evidenceIds));
  const used = view.evidence
    .filter(({ id }) => cited.has(id))
    .toSorted((a, b) => ORDER[a.body.kind] - ORDER[b.body.kind]);
  const rest = view.evidence.filter(({ id }) => !cited.has(id));
  return (
    <section class="workbench" id="incident-workbench" aria-label="Hypotheses and evidence">
      <div>
        <h2>Hypotheses</h2>
        {causes.length === 0 ? (
          <p class="muted">{view.running ? "Ranking follows the evidence." : "None yet."}</p>
        ) : null}
        <div class="cause-list" role="radiogroup" aria-label="Hypotheses, the most likely first">
          {causes.map((cause, index) => (
            <Hypothesis cause={cause} index={index} />
          ))}
        </div>
      </div>
      <div>
        <h2>Evidence</h2>
        {view.evidence.length === 0 ? <EvidenceShape running={view.running} /> : null}
        <div class="evidence-list">
          {used.map((evidence) => (
            <EvidenceItem view={evidence} class={classOf(evidence, causes)} />
          ))}
        </div>
        {rest.length === 0 ? null : (
          <details class="also" id="evidence-also" open={used.length === 0}>
            <summary>{used.length === 0 ? plural(rest.length, "answer") : `Also looked at (${rest.length})`}</summary>
            <div class="evidence-list">
              {rest.map((evidence) => (
                <EvidenceItem view={evidence} />
              ))}
            </div>
          </details>
        )}
      </div>
    </section>
  );
}

function classOf(evidence: EvidenceView, causes: CauseView[]): string {
  return causes.flatMap((cause, index) => (cause.evidenceIds.includes(evidence.id) ? [`for-${index}`] : [])).join(" ");
}

function Hypothesis({ cause, index }: { cause: CauseView; index: number }) {
  return (
    <label class="hypothesis">
      <input type="radio" name="cause" id={`cause-${index}`} value={String(index)} checked={index === 0} />
      <b class="cause-name">{cause.fault}</b>
      <span class="score mono">{percent(cause.score)}</span>
      <span class="cause-place">
        <span class="mono">
          {cause.device}
          {cause.interface ? ` ${cause.interface}` : ""}
        </span>{" "}
        <span class="faint">{plural(cause.evidenceIds.length, "finding")}</span>
      </span>
      <Bar share={cause.score} />
    </label>
  );
}

function EvidenceShape({ running }: { running: boolean }) {
  return <p class={running ? "muted waiting" : "muted"}>{running ? "The first piece arrives in seconds." : "None."}</p>;
}
