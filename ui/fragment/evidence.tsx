import { ClockTime } from "../component/age.tsx";
import { Icon } from "../component/icon.tsx";
import { StillChart, type StillChartView } from "../component/still-chart.tsx";

/** What a tool's answer looks like when it is shown; anything unknown becomes rows of names and values. */
export type EvidenceBody =
  | { kind: "chart"; chart: StillChartView }
  | { kind: "path"; nodes: { name: string; state?: string; viaPort?: string }[] }
  | { kind: "lines"; lines: { at?: Date; label: string; text: string }[] }
  | { kind: "table"; columns: string[]; rows: string[][] }
  | { kind: "text"; text: string };

export interface EvidenceView {
  id: string;
  tool: string;
  title: string;
  finding: string;
  body: EvidenceBody;
}

export function EvidenceItem({ view, class: extra }: { view: EvidenceView; class: string }) {
  return (
    <article class={`evidence ${extra}`} id={`evidence-${view.id}`}>
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
      return <TopologyPath nodes={body.nodes} />;
    case "lines":
      return <Lines lines={body.lines} />;
    case "table":
      return <ResultTable columns={body.columns} rows={body.rows} />;
    case "text":
      return <p class="muted">{body.text}</p>;
  }
}

function TopologyPath({ nodes }: { nodes: Extract<EvidenceBody, { kind: "path" }>["nodes"] }) {
  return (
    <ol class="path" aria-label="Topology path">
      {nodes.map((node, index) => (
        <li>
          {index === 0 ? null : <Icon name="chevron-right" />}
          {node.viaPort ? <span class="port mono">{node.viaPort}</span> : null}
          <span class="node mono">
            {node.state === "down" ? <Icon name="circle-x" class="critical" /> : <Icon name="server" />}
            {node.name}
            {node.state === "down" ? <span class="critical"> down</span> : null}
          </span>
        </li>
      ))}
    </ol>
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
    <div class="table-wrap">
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
