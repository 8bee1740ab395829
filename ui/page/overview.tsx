import type { CollectorRowView } from "../fragment/collector-table.tsx";
import { CollectorTable } from "../fragment/collector-table.tsx";
import {
  Burning,
  type BurningView,
  DeviceSummary,
  type InsightLineView,
  NewestInsights,
} from "../fragment/overview.tsx";
import { type SiteRowView, SiteTable } from "../fragment/site-table.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export interface OverviewView {
  burning: BurningView;
  sites: SiteRowView[];
  insights: InsightLineView[];
  collectors: CollectorRowView[];
  nowMs: number;
}

/** What burns now, then where, then what was found out. */
export function OverviewPage({ shell, view }: { shell: ShellView; view: OverviewView }) {
  return (
    <Shell view={shell}>
      <div class="split">
        <div>
          <Burning view={view.burning} />
          <section class="section" aria-labelledby="sites-title">
            <div class="section-head">
              <h2 id="sites-title">Sites</h2>
              <a href="/sites">All sites</a>
            </div>
            <SiteTable sites={view.sites} nowMs={view.nowMs} />
          </section>
          <section class="section" aria-labelledby="collectors-title">
            <div class="section-head">
              <h2 id="collectors-title">Collectors</h2>
              <a href="/collectors">All collectors</a>
            </div>
            <CollectorTable rows={view.collectors} nowMs={view.nowMs} brief />
          </section>
        </div>
        <div>
          <NewestInsights insights={view.insights} nowMs={view.nowMs} />
          <DeviceSummary counts={view.burning.devices} />
        </div>
      </div>
    </Shell>
  );
}
