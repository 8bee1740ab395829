import { ClockTime } from "../component/age.tsx";
import { Icon } from "../component/icon.tsx";
import { StillChart, type StillChartView } from "../component/still-chart.tsx";

/** What a tool's answer looks like when it is shown; anything unknown becomes rows of names and values. */
export type EvidenceBody =
  | { kind: "chart"; chart: StillChartView }
  | { kind: "path"; nodes: PathNode[]; behind: PathNode[] }
  | { kind: "lines"; lines: { at?: Date; label: string; text: string }[] }
  | { kind: "table"; columns: string[]; rows: string[][] }
  | { kind: "text"; text: string };

export interface PathNode {
  name: string;
  state?: string;
}

export interface EvidenceView {
  id: string;
  tool: string;
  title: string;
  finding: string;
  body: EvidenceBody;
}

export function EvidenceItem({ view, class: extra }: { view: EvidenceView; class?: string }) {
  return (
    <article class={extra === undefined ? "evidence-other" : `evidence ${extra}`} id={`evidence-${view.id}`}>
      <div class="evidence-head">
        <span class="tag plain">{view.tool}</span>
        <h3>{view.title}</h3>
        <a href={`/evidence/${view.id}`} aria-label={`Query of: ${view.title}`}>
          Query
        </a>
      </div>
      {view.finding === view.title ? null : <p class="finding">{view.finding}</p>}
      <EvidenceResult body={view.body} />
    </article>
  );
}

export function EvidenceResult({ body }: { body: EvidenceBody }) {
  switch (body.kind) {
    case "chart":
      return <StillChart view={body.chart} />;
    case "path":
      return <TopologyPath nodes={body.nodes} behind={body.behind} />;
    case "lines":
      return <Lines lines={body.lines} />;
    case "table":
      return <ResultTable columns={body.columns} rows={body.rows} />;
    case "text":
      return <p class="muted">{body.text}</p>;
  }
}

const BEHIND_SHOWN_MAX = 12;

function TopologyPath({ nodes, behind }: { nodes: PathNode[]; behind: PathNode[] }) {
  return (
    <div class="paths">
      <ol class="path" aria-label="The way up">
        {nodes.map((node, index) => (
          <li>
            {index === 0 ? null : <Icon name="chevron-right" />}
            <PathName node={node} />
          </li>
        ))}
      </ol>
      {behind.length === 0 ? null : (
        <ul class="path" aria-label="Reached only through it">
          <li class="faint">Behind it</li>
          {behind.slice(0, BEHIND_SHOWN_MAX).map((node) => (
            <li>
              <PathName node={node} />
            </li>
          ))}
          {behind.length > BEHIND_SHOWN_MAX ? <li class="faint">and {behind.length - BEHIND_SHOWN_MAX} more</li> : null}
        </ul>
      )}
    </div>
  );
}

function PathName({ node }: { node: PathNode }) {
  const down = node.state === "down";
  return (
    <span class="node mono">
      <Icon name={down ? "circle-x" : "server"} {...(down ? { class: "critical" } : {})} />
      {node.name}
      {down ? <span class="critical">down</span> : null}
    </span>
  );
}

function Lines({ lines }: { lines: Extract<EvidenceBody, { kind: "lines" }>["lines"] }) {
  return (
    <ol class="lines">
      {lines.map((line) => (
        <li>
          <span class="faint">{line.at ? <ClockTime at={line.at} /> : ""}</span>
          <span class="muted truncate">{line.label}</span>
          <span class="what">{line.text}</span>
        </li>
      ))}
    </ol>
  );
}

function ResultTable({ columns, rows }: { columns: string[]; rows: string[][] }) {
  return (
    <div class="table-wrap" tabindex={0} role="group" aria-label="Result">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td class="mono">{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
