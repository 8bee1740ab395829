import { FullTime } from "../component/age.tsx";
import { Command } from "../component/empty.tsx";
import { ApprovalList, type ApprovalListView } from "../fragment/approval-list.tsx";
import { ExecutionHead, ExecutionOutput, type ExecutionView } from "../fragment/execution.tsx";
import { RunForm, type RunFormView } from "../fragment/run-form.tsx";
import { type ScriptRowView, ScriptTable } from "../fragment/script-table.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export function AutomationPage(props: { shell: ShellView; rows: ScriptRowView[]; incidentId?: string }) {
  return (
    <Shell view={props.shell}>
      <div class="page-head">
        <h1>Automation</h1>
        <p>Scripts run at a site, after a person approved exactly what will run.</p>
      </div>
      <ScriptTable rows={props.rows} {...(props.incidentId === undefined ? {} : { incidentId: props.incidentId })} />
    </Shell>
  );
}

export interface ScriptPageView {
  id: string;
  name: string;
  description: string;
  versions: { version: number; argv: string[]; body: string; sha256: string; timeoutMs: number; createdAt: Date }[];
  form: RunFormView;
}

export function ScriptPage({ shell, view }: { shell: ShellView; view: ScriptPageView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>{view.name}</h1>
        <p>{view.description}</p>
      </div>
      <div class="columns">
        <section aria-labelledby="run-title">
          <div class="section-head">
            <h2 id="run-title">Run</h2>
          </div>
          <RunForm view={view.form} />
        </section>
        <section aria-labelledby="versions-title">
          <div class="section-head">
            <h2 id="versions-title">Versions</h2>
          </div>
          {view.versions.map((version, index) => (
            <Version version={version} newest={index === 0} />
          ))}
        </section>
      </div>
    </Shell>
  );
}

function Version({ version, newest }: { version: ScriptPageView["versions"][number]; newest: boolean }) {
  return (
    <details class="version" open={newest}>
      <summary>
        Version {version.version}{" "}
        <span class="faint">
          <FullTime at={version.createdAt} />
        </span>
      </summary>
      <p class="faint mono">
        sha256 {version.sha256.slice(0, 16)}, at most {Math.round(version.timeoutMs / 1000)} s
      </p>
      <Command text={version.argv.join("\n")} />
      {version.body === "" ? null : <Command text={version.body} />}
    </details>
  );
}

export function ApprovalsPage({ shell, view }: { shell: ShellView; view: ApprovalListView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Approvals</h1>
        <p>What you approve is what is signed: script version, parameters, targets and expiry are bound together.</p>
      </div>
      <ApprovalList view={view} />
    </Shell>
  );
}

export function ExecutionPage({ shell, view }: { shell: ShellView; view: ExecutionView }) {
  return (
    <Shell view={shell}>
      <ExecutionHead view={view} />
      <ExecutionOutput view={view} />
    </Shell>
  );
}
