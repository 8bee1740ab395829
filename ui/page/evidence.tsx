import { FullTime } from "../component/age.tsx";
import { Command } from "../component/empty.tsx";
import { Icon } from "../component/icon.tsx";
import { Notice } from "../component/notice.tsx";
import { durationMs } from "../component/quantity.ts";
import { type EvidenceBody, EvidenceResult } from "../fragment/evidence.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export interface EvidencePageView {
  id: string;
  tool: string;
  title: string;
  finding: string;
  query: string;
  arguments: [string, string][];
  collectedAt: Date;
  durationMs: number;
  stored: EvidenceBody;
}

export function EvidencePage({ shell, view }: { shell: ShellView; view: EvidencePageView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>{view.title}</h1>
        <span class="tag plain">{view.tool}</span>
      </div>
      <p class="finding">{view.finding}</p>
      <section class="section" aria-labelledby="query-title">
        <div class="section-head">
          <h2 id="query-title">The very query</h2>
        </div>
        <Command text={view.query} />
        <dl class="facts section">
          {view.arguments.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="mono">{value}</dd>
            </>
          ))}
        </dl>
      </section>
      <div class="columns section">
        <section aria-labelledby="stored-title">
          <div class="section-head">
            <h2 id="stored-title">What it said then</h2>
            <span class="note faint">
              <FullTime at={view.collectedAt} />, took {durationMs(view.durationMs)}
            </span>
          </div>
          <div class="result" tabindex={0}>
            <EvidenceResult body={view.stored} />
          </div>
        </section>
        <Rerun view={view} />
      </div>
    </Shell>
  );
}

function Rerun({ view }: { view: EvidencePageView }) {
  const action = `/evidence/${view.id}/now`;
  return (
    <section aria-labelledby="now-title">
      <div class="section-head">
        <h2 id="now-title">What it says now</h2>
      </div>
      <form method="get" action={action} hx-get={action} hx-target="#rerun" hx-swap="innerHTML">
        <button class="button primary" type="submit">
          <Icon name="refresh-cw" />
          Run again
        </button>
      </form>
      <div class="result section" id="rerun" aria-live="polite" tabindex={0} />
    </section>
  );
}

export interface RerunView {
  at: Date;
  durationMs: number;
  result: { kind: "answered"; finding: string; body: EvidenceBody } | { kind: "failed"; reason: string };
}

/** What the same query says now; lands beside the stored answer. */
export function RerunResult({ view }: { view: RerunView }) {
  return (
    <>
      <p class="faint">
        <FullTime at={view.at} />, took {durationMs(view.durationMs)}
      </p>
      {view.result.kind === "failed" ? (
        <Notice tone="error">{view.result.reason}</Notice>
      ) : (
        <>
          <p class="muted">{view.result.finding}</p>
          <EvidenceResult body={view.result.body} />
        </>
      )}
    </>
  );
}
