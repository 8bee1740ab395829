import { expect, test } from "bun:test";
import type { HtmlEscapedString } from "hono/utils/html";
import { ApprovalList, type ApprovalView } from "./approval-list.tsx";
import { DeviceTable } from "./device-table.tsx";
import { EvidenceItem } from "./evidence.tsx";
import { ExecutionOutput } from "./execution.tsx";
import { IncidentRow, type IncidentRowView } from "./incident-row.tsx";
import { InsightPanel } from "./insight-panel.tsx";
import { NeighbourTable } from "./neighbour-table.tsx";
import { Timeline } from "./timeline.tsx";
import { Workbench } from "./workbench.tsx";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
const NOW = new Date("2026-03-01T12:00:00Z");
const ID = "018f0000-0000-7000-8000-000000000001";

const row: IncidentRowView = {
  id: ID,
  number: 7,
  title: HOSTILE,
  severity: "critical",
  priority: "P1",
  status: "new",
  site: HOSTILE,
  assignee: HOSTILE,
  openedAt: new Date(NOW.getTime() - 125_000),
  devices: 12,
  cause: HOSTILE,
  spark: { values: [1, null, 3], label: HOSTILE },
  mayChange: true,
};

const approval: ApprovalView = {
  id: ID,
  script: { id: ID, name: HOSTILE, version: 1 },
  argv: [HOSTILE],
  body: HOSTILE,
  parameters: [[HOSTILE, HOSTILE]],
  targets: [HOSTILE],
  warnings: [HOSTILE],
  collector: HOSTILE,
  initiatedBy: HOSTILE,
  status: "pending",
  createdAt: NOW,
  expiresAt: NOW,
  bindingHash: HOSTILE,
};

const evidence = { id: ID, tool: HOSTILE, title: HOSTILE, finding: `${HOSTILE}!` };
const execution = {
  id: ID,
  script: { id: ID, name: HOSTILE, version: 1 },
  collector: HOSTILE,
  targets: [HOSTILE],
  status: "running" as const,
  truncated: false,
  createdAt: NOW,
  output: [{ stream: "stdout" as const, text: HOSTILE }],
  outputCut: false,
};

async function render(node: HtmlEscapedString | Promise<HtmlEscapedString>): Promise<string> {
  return (await node).toString();
}

/** Elements and attributes that run or style something, as an HTML parser sees them. */
function danger(html: string): string[] {
  const found: string[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element({ tagName, attributes }) {
      if (["script", "img", "style", "iframe"].includes(tagName)) found.push(tagName);
      for (const [name = ""] of attributes)
        if (name.startsWith("on") || name === "style") found.push(`${tagName} ${name}`);
    },
  });
  rewriter.transform(html);
  return found;
}

test("text from outside is text and attribute, never markup, in every fragment", async () => {
  const nowMs = NOW.getTime();
  const device = { id: ID, name: HOSTILE, address: HOSTILE, role: HOSTILE, product: HOSTILE, site: HOSTILE };
  const fragments = [
    <IncidentRow view={row} nowMs={nowMs} />,
    <DeviceTable
      view={{ rows: [{ ...device, state: "up", fresh: { bySample: true } }], hasMore: false, filtered: false, nowMs }}
    />,
    <ApprovalList view={{ pending: [approval], decided: [], mayDecide: true, nowMs }} />,
    <ExecutionOutput view={execution} />,
    <Timeline entries={[{ id: ID, kind: HOSTILE, at: NOW, text: HOSTILE, by: HOSTILE }]} />,
    <NeighbourTable
      neighbours={[{ localPort: HOSTILE, remoteSystem: HOSTILE, remotePort: HOSTILE, protocol: HOSTILE }]}
    />,
    <InsightPanel
      view={{
        incidentId: ID,
        state: "finished",
        conclusion: HOSTILE,
        impact: HOSTILE,
        source: HOSTILE,
        note: HOSTILE,
        steps: [{ kind: "evidence", text: HOSTILE }],
        actions: [{ text: HOSTILE, risk: HOSTILE, script: { id: ID, name: HOSTILE } }],
      }}
    />,
    <EvidenceItem
      view={{ ...evidence, body: { kind: "path", nodes: [{ name: HOSTILE }], behind: [{ name: HOSTILE }] } }}
    />,
    <EvidenceItem view={{ ...evidence, body: { kind: "lines", lines: [{ label: HOSTILE, text: HOSTILE }] } }} />,
    <EvidenceItem view={{ ...evidence, body: { kind: "table", columns: [HOSTILE], rows: [[HOSTILE]] } }} />,
    <EvidenceItem
      view={{
        ...evidence,
        body: {
          kind: "chart",
          chart: { title: HOSTILE, startMs: 0, endMs: 60_000, series: [{ name: HOSTILE, values: [1] }] },
        },
      }}
    />,
  ];
  for (const fragment of fragments) {
    const html = await render(fragment);
    expect(html).toContain("&lt;script&gt;");
    expect(danger(html)).toEqual([]);
  }
});

test("a row says severity and state in words, and a storm by its number of devices", async () => {
  const html = await render(<IncidentRow view={row} nowMs={NOW.getTime()} />);
  for (const word of ["Critical", "New", "storm (12 devices)", "2 min", "INC-7"]) expect(html).toContain(word);
});

test("a reader without the right sees no button and no check box", async () => {
  const html = await render(<IncidentRow view={{ ...row, mayChange: false }} nowMs={NOW.getTime()} />);
  expect(html).not.toMatch(/<button|<input/);
});

test("evidence stands under the hypotheses that cite it; the rest is folded away", async () => {
  const body = { kind: "text" as const, text: "x" };
  const cause = { device: "a", fault: "Link failure", score: 0.9, evidenceIds: ["e1"] };
  const view = {
    causes: [cause, { ...cause, device: "b", evidenceIds: ["e1", "e2"] }],
    evidence: ["e1", "e2", "e3"].map((id) => ({ id, tool: "metrics", title: id, finding: id, body })),
    running: false,
  };
  const html = await render(<Workbench view={view} />);
  expect(html).toContain('class="evidence for-0 for-1" id="evidence-e1"');
  expect(html).toContain('class="evidence for-1" id="evidence-e2"');
  expect(html).toContain("Also looked at (1)");
});
