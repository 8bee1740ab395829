import { Icon } from "../component/icon.tsx";
import { Notice } from "../component/notice.tsx";
import { Filter } from "../component/filter.tsx";
import { ProposalList, type ProposalListView } from "../fragment/proposal-list.tsx";
import { ScanList, type ScanListView } from "../fragment/scan-list.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export interface ScanFormView {
  /** Those that could be asked: site/name. */
  collectors: { id: string; label: string; isConnected: boolean }[];
  /** Sent before and refused: to be put right. */
  ranges: string;
  collectorId: string;
  problem?: string;
}

export interface DiscoveryView {
  form: ScanFormView;
  scans: ScanListView;
  proposals: ProposalListView;
  search: string;
}

const STATES = [
  ["pending", "waiting for a decision"],
  ["rejected", "refused"],
  ["accepted", "accepted"],
  ["known", "polled already"],
] as const;

export function DiscoveryPage({ shell, view }: { shell: ShellView; view: DiscoveryView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Discovery</h1>
        <p>A collector looks for devices at its site. Nothing is polled before somebody accepts it.</p>
      </div>
      <ScanForm view={view.form} mayScan={view.scans.mayScan} />
      <ScanList view={view.scans} />
      <section class="section" aria-labelledby="found-title">
        <h2 id="found-title">Found devices</h2>
        <Filter
          action="/discovery"
          what="found devices"
          search={view.search}
          placeholder="Name, address or model"
          lead={
            <label>
              State
              <select name="status">
                {STATES.map(([value, text]) => (
                  <option value={value} selected={value === view.proposals.status}>
                    {text}
                  </option>
                ))}
              </select>
            </label>
          }
        />
        <ProposalList view={view.proposals} />
      </section>
    </Shell>
  );
}

function ScanForm({ view, mayScan }: { view: ScanFormView; mayScan: boolean }) {
  if (!mayScan) return <Notice tone="info">Only an admin can order a scan. What scans found is below.</Notice>;
  if (view.collectors.length === 0)
    return (
      <Notice tone="info">
        There is no collector that could look. <a href="/sites/add">Add a site</a> first.
      </Notice>
    );
  return (
    <>
      {view.problem === undefined ? null : <Notice tone="error">{view.problem}</Notice>}
      <form class="filter scan-form" method="post" action="/discovery" aria-label="Scan a range">
        <label>
          Collector
          <select name="collector">
            {view.collectors.map(({ id, label, isConnected }) => (
              <option value={id} selected={id === view.collectorId}>
                {isConnected ? label : `${label} (disconnected)`}
              </option>
            ))}
          </select>
        </label>
        <label>
          Ranges
          <input
            class="mono"
            name="ranges"
            value={view.ranges}
            placeholder="192.0.2.0/24, 192.0.2.10-192.0.2.20"
            required
            maxlength={2000}
            autocomplete="off"
          />
        </label>
        <button class="button primary" type="submit">
          <Icon name="radar" />
          Scan
        </button>
      </form>
    </>
  );
}
