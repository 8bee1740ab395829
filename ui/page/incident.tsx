import { IncidentHead, type IncidentHeadView } from "../fragment/incident-head.tsx";
import { IncidentSide, type IncidentSideView } from "../fragment/incident-side.tsx";
import { InsightPanel, type InsightPanelView } from "../fragment/insight-panel.tsx";
import { Timeline, type TimelineEntryView } from "../fragment/timeline.tsx";
import { Workbench, type WorkbenchView } from "../fragment/workbench.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export interface IncidentView {
  head: IncidentHeadView;
  insight: InsightPanelView;
  workbench: WorkbenchView;
  timeline: TimelineEntryView[];
  side: IncidentSideView;
}

export function IncidentPage({ shell, view }: { shell: ShellView; view: IncidentView }) {
  return (
    <Shell view={shell}>
      <IncidentHead view={view.head} />
      <div class="incident-body">
        <div>
          <InsightPanel view={view.insight} />
          <Workbench view={view.workbench} />
          <Timeline entries={view.timeline} {...(view.head.mayChange ? { commentOn: view.head.id } : {})} />
        </div>
        <IncidentSide view={view.side} />
      </div>
    </Shell>
  );
}
