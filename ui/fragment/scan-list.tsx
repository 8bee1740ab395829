import { Age } from "../component/age.tsx";
import { Bar } from "../component/bar.tsx";
import { Empty } from "../component/empty.tsx";
import { PostButton } from "../component/post-button.tsx";
import { count, plural } from "../component/quantity.ts";
import { type ScanStatus, ScanStatusLabel } from "../component/status.tsx";

export interface ScanView {
  id: string;
  collector: string;
  ranges: string[];
  status: ScanStatus;
  /** Why it ended otherwise than by itself. */
  reason: string;
  addressesDone: number;
  addressesTotal: number;
  answered: number;
  isCancelling: boolean;
  requestedBy?: string;
  createdAt: Date;
}

export interface ScanListView {
  scans: ScanView[];
  mayScan: boolean;
  nowMs: number;
}

const RANGES_SHOWN_MAX = 3;

/** The newest scans: how far they are, and why one did not end by itself. */
export function ScanList({ view }: { view: ScanListView }) {
  return (
    <section class="section" id="scan-list" aria-labelledby="scans-title">
      <h2 id="scans-title">Scans</h2>
      {view.scans.length === 0 ? <NoScans /> : null}
      {view.scans.length === 0 ? null : (
        <ul class="scans">
          {view.scans.map((scan) => (
            <Scan scan={scan} view={view} />
          ))}
        </ul>
      )}
    </section>
  );
}

function NoScans() {
  return (
    <Empty icon="radar" title="Nothing was looked for yet" command={"discover:\n  allow: [192.0.2.0/24]"}>
      A scan asks every address of a range with the credentials of the site, and hears from LLDP, CDP and the switches'
      tables how all is cabled. A collector touches only what its own file allows:
    </Empty>
  );
}

function Scan({ scan, view }: { scan: ScanView; view: ScanListView }) {
  const isOpen = scan.status === "requested" || scan.status === "running";
  const more = scan.ranges.length - RANGES_SHOWN_MAX;
  const ranges = `${scan.ranges.slice(0, RANGES_SHOWN_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return (
    <li class="scan" id={`scan-${scan.id}`} data-row>
      <ScanStatusLabel status={scan.status} />
      <span class="mono">{ranges}</span>
      <span class="muted">{scan.collector}</span>
      <span class="muted progress-text">
        {plural(scan.answered, "answer")}, {count(scan.addressesDone)} of {count(scan.addressesTotal)} addresses asked
      </span>
      <span class="muted when">
        {scan.requestedBy === undefined ? "" : `${scan.requestedBy}, `}
        <Age at={scan.createdAt} nowMs={view.nowMs} />
      </span>
      {isOpen && view.mayScan && !scan.isCancelling ? (
        <PostButton
          action={`/discovery/scans/${scan.id}/cancel`}
          label="Cancel"
          icon="x"
          kind="quiet"
          describedAs={`Cancel the scan of ${ranges}`}
        />
      ) : null}
      {scan.isCancelling ? <span class="info">ends</span> : null}
      {isOpen ? <Bar share={scan.addressesDone / Math.max(1, scan.addressesTotal)} /> : null}
      {scan.reason === "" ? null : <p class="reason warning">{scan.reason}</p>}
    </li>
  );
}
