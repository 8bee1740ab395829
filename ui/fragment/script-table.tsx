import { Empty } from "../component/empty.tsx";

export interface ScriptRowView {
  id: string;
  name: string;
  description: string;
  version: number;
  /** Collectors whose allowlist names it. */
  allowedAt: string[];
}

export function ScriptTable({ rows, incidentId }: { rows: ScriptRowView[]; incidentId?: string }) {
  if (rows.length === 0) {
    return (
      <Empty
        icon="terminal"
        title="No script yet"
        command="curl -X POST $HUB/api/v1/scripts -H 'Authorization: Bearer …' -d @script.json"
      >
        A script is a list of arguments with a parameter schema. A collector runs it only if its own allowlist names it.
        Store the first one through the API:
      </Empty>
    );
  }
  const query = incidentId === undefined ? "" : `?incident=${incidentId}`;
  return (
    <div class="table-wrap">
      <table>
        <thead>
          <tr>
            <th scope="col">Script</th>
            <th scope="col">What it does</th>
            <th scope="col">Version</th>
            <th scope="col">Allowed at</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr id={`script-${row.id}`} data-row>
              <td>
                <a href={`/automation/${row.id}${query}`}>{row.name}</a>
              </td>
              <td class="wide muted" title={row.description}>
                {row.description}
              </td>
              <td class="muted">{row.version}</td>
              <td class={row.allowedAt.length === 0 ? "faint" : "muted"}>
                {row.allowedAt.length === 0 ? "no collector" : row.allowedAt.join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
