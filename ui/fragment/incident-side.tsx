import { Age } from "../component/age.tsx";
import { type ExecutionStatus, ExecutionStatusLabel } from "../component/status.tsx";

export interface IncidentSideView {
  incidentId: string;
  people: { name: string; did: string }[];
  problems: { device: string; object: string; state: string; summary: string; deviceId?: string }[];
  moreProblems: number;
  runs: { id: string; script: string; status: ExecutionStatus; exitCode?: number; at: Date }[];
  pending: { id: string; script: string }[];
  nowMs: number;
}

export function IncidentSide({ view }: { view: IncidentSideView }) {
  return (
    <aside class="incident-side section" id="incident-side" aria-label="People, problems and automation">
      <div class="side-block">
        <h2>People</h2>
        {view.people.length === 0 ? <p class="muted">Nobody has touched it.</p> : null}
        <ul>
          {view.people.map((person) => (
            <li>
              {person.name} <span class="faint">{person.did}</span>
            </li>
          ))}
        </ul>
      </div>
      <div class="side-block">
        <h2>Problems</h2>
        <ul>
          {view.problems.map((problem) => (
            <li>
              <ProblemName problem={problem} /> <span class="faint">{problem.state}</span>
              <p class="muted">{problem.summary}</p>
            </li>
          ))}
        </ul>
        {view.moreProblems > 0 ? <p class="faint">and {view.moreProblems} more</p> : null}
      </div>
      <Automation view={view} />
    </aside>
  );
}

function ProblemName({ problem }: { problem: IncidentSideView["problems"][number] }) {
  const name = problem.object === "" ? problem.device : `${problem.device} ${problem.object}`;
  return problem.deviceId ? <a href={`/devices/${problem.deviceId}`}>{name}</a> : <span>{name}</span>;
}

function Automation({ view }: { view: IncidentSideView }) {
  return (
    <div class="side-block">
      <h2>Automation</h2>
      <ul>
        {view.pending.map((approval) => (
          <li>
            <a href="/approvals">{approval.script}</a> <span class="warning">waits for approval</span>
          </li>
        ))}
        {view.runs.map((run) => (
          <li>
            <a href={`/executions/${run.id}`}>{run.script}</a>{" "}
            <ExecutionStatusLabel status={run.status} exitCode={run.exitCode} />{" "}
            <span class="faint">
              <Age at={run.at} nowMs={view.nowMs} />
            </span>
          </li>
        ))}
      </ul>
      <p>
        <a href={`/automation?incident=${view.incidentId}`}>Run a script</a>
      </p>
    </div>
  );
}
