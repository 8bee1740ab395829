import { Age, Left } from "../component/age.tsx";
import { Command, Empty } from "../component/empty.tsx";
import { Notice } from "../component/notice.tsx";
import { PostButton } from "../component/post-button.tsx";
import { type ApprovalStatus, ApprovalStatusLabel } from "../component/status.tsx";

export interface ApprovalView {
  id: string;
  script: { id: string; name: string; version: number };
  /** The very arguments that will run, one a line: never a shell line. */
  argv: string[];
  /** Text of the file that <body> stands for. */
  body: string;
  parameters: [string, string][];
  targets: string[];
  collector: string;
  initiatedBy: string;
  incidentId?: string;
  /** What is likely to make the collector refuse. */
  warnings: string[];
  status: ApprovalStatus;
  decidedBy?: string;
  executionId?: string;
  createdAt: Date;
  expiresAt: Date;
  /** What the decision is bound to; the page shows its beginning. */
  bindingHash: string;
}

export interface ApprovalListView {
  pending: ApprovalView[];
  decided: ApprovalView[];
  mayDecide: boolean;
  nowMs: number;
}

export function ApprovalList({ view }: { view: ApprovalListView }) {
  return (
    <div id="approval-list">
      {view.pending.length === 0 ? (
        <Empty icon="shield-check" title="Nothing waits for a decision">
          A script runs only after a person approves exactly what will run. Requests appear here by themselves.{" "}
          <a href="/automation">Choose a script</a> to make one.
        </Empty>
      ) : null}
      {view.pending.map((approval) => (
        <Pending approval={approval} view={view} />
      ))}
      {view.decided.length === 0 ? null : <Decided approvals={view.decided} nowMs={view.nowMs} />}
    </div>
  );
}

function Pending({ approval, view }: { approval: ApprovalView; view: ApprovalListView }) {
  const title = `${approval.script.name} version ${approval.script.version}`;
  return (
    <article class="approval" id={`approval-${approval.id}`} data-row>
      <div class="approval-head">
        <h2>
          <a href={`/automation/${approval.script.id}`}>{approval.script.name}</a>
        </h2>
        <span class="muted">version {approval.script.version}</span>
        <span class="when">
          expires in <Left at={approval.expiresAt} nowMs={view.nowMs} />
        </span>
      </div>
      <ApprovalFacts approval={approval} />
      <Command text={approval.argv.join("\n")} />
      {approval.body === "" ? null : <Command text={approval.body} />}
      {approval.warnings.map((warning) => (
        <Notice tone="warning">{warning}</Notice>
      ))}
      {view.mayDecide ? (
        <div class="buttons">
          <PostButton
            action={`/approvals/${approval.id}/approve`}
            fields={{ binding: approval.bindingHash }}
            label="Approve and run"
            icon="check"
            kind="primary"
            describedAs={`Approve and run ${title}`}
          />
          <PostButton
            action={`/approvals/${approval.id}/reject`}
            label="Reject"
            icon="x"
            kind="danger"
            describedAs={`Reject ${title}`}
          />
        </div>
      ) : (
        <p class="muted">Your role may look, not decide. Ask an operator.</p>
      )}
    </article>
  );
}

function ApprovalFacts({ approval }: { approval: ApprovalView }) {
  return (
    <dl class="facts">
      <dt>Runs at</dt>
      <dd>{approval.collector}</dd>
      {approval.targets.length === 0 ? null : (
        <>
          <dt>Targets</dt>
          <dd class="mono">{approval.targets.join(", ")}</dd>
        </>
      )}
      {approval.parameters.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd class="mono">{value}</dd>
        </>
      ))}
      <dt>Asked by</dt>
      <dd>{approval.initiatedBy}</dd>
      {approval.incidentId ? (
        <>
          <dt>For</dt>
          <dd>
            <a href={`/incidents/${approval.incidentId}`}>an incident</a>
          </dd>
        </>
      ) : null}
      <dt>Bound to</dt>
      <dd class="mono">{approval.bindingHash.slice(0, 16)}</dd>
    </dl>
  );
}

function Decided({ approvals, nowMs }: { approvals: ApprovalView[]; nowMs: number }) {
  return (
    <section class="section" aria-labelledby="decided-title">
      <h2 id="decided-title">Decided</h2>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Decision</th>
              <th scope="col">Script</th>
              <th scope="col">Targets</th>
              <th scope="col">Asked by</th>
              <th scope="col">Decided by</th>
              <th scope="col">Asked</th>
            </tr>
          </thead>
          <tbody>
            {approvals.map((approval) => (
              <tr id={`approval-${approval.id}`}>
                <td>
                  <ApprovalStatusLabel status={approval.status} />
                </td>
                <td>
                  {approval.executionId ? (
                    <a href={`/executions/${approval.executionId}`}>{approval.script.name}</a>
                  ) : (
                    approval.script.name
                  )}{" "}
                  <span class="faint">version {approval.script.version}</span>
                </td>
                <td class="mono wide">{approval.targets.join(", ")}</td>
                <td class="muted">{approval.initiatedBy}</td>
                <td class="muted">{approval.decidedBy ?? ""}</td>
                <td class="muted">
                  <Age at={approval.createdAt} nowMs={nowMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
