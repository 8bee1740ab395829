import { FullTime } from "../component/age.tsx";
import { Notice } from "../component/notice.tsx";
import { durationMs } from "../component/quantity.ts";
import { type ExecutionStatus, ExecutionStatusLabel } from "../component/status.tsx";

export interface ExecutionView {
  id: string;
  script: { id: string; name: string; version: number };
  collector: string;
  targets: string[];
  incidentId?: string;
  status: ExecutionStatus;
  exitCode?: number;
  reason?: string;
  truncated: boolean;
  createdAt: Date;
  durationMs?: number;
  output: { stream: "stdout" | "stderr"; text: string }[];
  /** Output is cut to its end when it is too long for a page. */
  outputCut: boolean;
}

const WAITING = new Set<ExecutionStatus>(["queued", "sent"]);

export function ExecutionHead({ view }: { view: ExecutionView }) {
  return (
    <header id="execution-head">
      <div class="page-head">
        <h1>{view.script.name}</h1>
        <ExecutionStatusLabel status={view.status} exitCode={view.exitCode} />
        {view.durationMs === undefined ? null : <p>after {durationMs(view.durationMs)}</p>}
      </div>
      {view.reason ? <Notice tone="error">{view.reason}</Notice> : null}
      <dl class="facts section">
        <dt>Version</dt>
        <dd>
          <a href={`/automation/${view.script.id}`}>{view.script.version}</a>
        </dd>
        <dt>Collector</dt>
        <dd>{view.collector}</dd>
        {view.targets.length === 0 ? null : (
          <>
            <dt>Targets</dt>
            <dd class="mono">{view.targets.join(", ")}</dd>
          </>
        )}
        {view.incidentId ? (
          <>
            <dt>Incident</dt>
            <dd>
              <a href={`/incidents/${view.incidentId}`}>Open its incident</a>
            </dd>
          </>
        ) : null}
        <dt>Approved</dt>
        <dd>
          <FullTime at={view.createdAt} />
        </dd>
      </dl>
    </header>
  );
}

export function ExecutionOutput({ view }: { view: ExecutionView }) {
  return (
    <section class="section" id="execution-output" aria-labelledby="output-title">
      <div class="section-head">
        <h2 id="output-title">Output</h2>
        {view.outputCut ? <span class="note faint">only the end is shown</span> : null}
        {view.truncated ? <span class="note warning">cut at the script's limit</span> : null}
      </div>
      <pre class="output" tabindex={0} aria-live="polite" aria-label="Output of the script">
        {view.output.length === 0 ? <span class="faint">{emptyText(view)}</span> : null}
        {view.output.map((part) => (
          <span class={part.stream}>{part.text}</span>
        ))}
      </pre>
    </section>
  );
}

function emptyText(view: ExecutionView): string {
  if (WAITING.has(view.status)) return `Waits for collector ${view.collector} to take the order.`;
  return view.status === "running" ? "No output so far." : "The script wrote nothing.";
}
