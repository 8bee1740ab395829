import { FullTime } from "../component/age.tsx";
import { Empty } from "../component/empty.tsx";
import { Notice } from "../component/notice.tsx";
import { PostButton } from "../component/post-button.tsx";
import { plural } from "../component/quantity.ts";
import { type ProposalStatus, ProposalStatusLabel } from "../component/status.tsx";

export interface ProposalView {
  id: string;
  status: ProposalStatus;
  /** What it would be called, or is. */
  name: string;
  address: string;
  /** Other addresses that are held to be the same device, and why. */
  others: string[];
  merged: string;
  /** "Acme S4800" or what it says of itself. */
  product: string;
  serial: string;
  site: string;
  /** Empty when none of the site fits: then it cannot be polled. */
  credential: string;
  lastSeenAt: Date;
  /** Who decided, why, or what the collector said to it. */
  note: string;
}

export interface ProposalListView {
  status: ProposalStatus;
  rows: ProposalView[];
  hasMore: boolean;
  /** Those that "Accept all" takes: pending ones of one collector that a credential fits. */
  acceptable: string[];
  mayDecide: boolean;
  hasScans: boolean;
}

const EMPTY: Record<ProposalStatus, { title: string; text: string }> = {
  pending: {
    title: "No device waits for a decision",
    text: "What the next scan finds and no collector polls yet appears here by itself.",
  },
  known: { title: "No scan met a device that is polled already", text: "Those stand under Devices." },
  accepted: { title: "No device was accepted yet", text: "An accepted device is polled under the name it was given." },
  rejected: {
    title: "No device was refused",
    text: "A refused device is not proposed again; it can still be accepted here.",
  },
};

/** What scans found. Nothing is polled before somebody accepts it. */
export function ProposalList({ view }: { view: ProposalListView }) {
  return (
    <div id="proposal-list">
      {view.rows.length === 0 ? <NoProposals view={view} /> : <Table view={view} />}
      {view.hasMore ? <p class="faint">More devices match. Search, or narrow the filter.</p> : null}
    </div>
  );
}

function NoProposals({ view }: { view: ProposalListView }) {
  return (
    <Empty icon="server" title={EMPTY[view.status].title}>
      {view.hasScans ? EMPTY[view.status].text : "Scan a range above: what answers and is not polled yet comes here."}
    </Empty>
  );
}

function Table({ view }: { view: ProposalListView }) {
  const decides = view.status === "pending" || view.status === "rejected";
  return (
    <>
      {decides && !view.mayDecide ? <Notice tone="info">Your role may look, not decide. Ask an admin.</Notice> : null}
      {view.mayDecide && view.acceptable.length > 1 ? (
        <div class="buttons accept-all">
          <PostButton
            action="/discovery/proposals/accept"
            fields={{ ids: view.acceptable.join(",") }}
            label={`Accept ${plural(view.acceptable.length, "device")}`}
            icon="check"
            kind="primary"
          />
          <span class="muted">Each under the name shown. One new configuration goes to the collector.</span>
        </div>
      ) : null}
      <div class="table-wrap" tabindex={0} role="group" aria-label="Found devices">
        <table>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Name</th>
              <th scope="col">Address</th>
              <th scope="col">Vendor and model</th>
              <th scope="col">Serial number</th>
              <th scope="col">Site</th>
              <th scope="col">Credential</th>
              <th scope="col">Last seen</th>
              {decides && view.mayDecide ? <th scope="col">Decision</th> : null}
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row) => (
              <Row row={row} decides={decides && view.mayDecide} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ row, decides }: { row: ProposalView; decides: boolean }) {
  return (
    <tr id={`proposal-${row.id}`} data-row>
      <td>
        <ProposalStatusLabel status={row.status} />
      </td>
      <td>
        {row.name}
        {row.note === "" ? null : <p class="note faint">{row.note}</p>}
      </td>
      <td class="mono">
        {row.address}
        {row.others.length === 0 ? null : (
          <p class="note faint address" title={row.merged}>
            also {row.others.join(", ")}
          </p>
        )}
      </td>
      <td class="muted wide" title={row.product}>
        {row.product}
      </td>
      <td class="mono muted">{row.serial}</td>
      <td class="muted">{row.site}</td>
      <td class={row.credential === "" ? "warning" : "mono muted"}>{row.credential || "none fits"}</td>
      <td class="muted">
        <FullTime at={row.lastSeenAt} />
      </td>
      {decides ? (
        <td>
          <Decision row={row} />
        </td>
      ) : null}
    </tr>
  );
}

/** The name may be changed before it is accepted; afterwards it stands in every series of the device. */
function Decision({ row }: { row: ProposalView }) {
  const accept = `/discovery/proposals/${row.id}/accept`;
  return (
    <div class="decision">
      {row.credential === "" ? null : (
        <form method="post" action={accept} hx-post={accept} hx-swap="none">
          <input
            name="name"
            value={row.name}
            aria-label={`Name for ${row.address}`}
            required
            maxlength={63}
            pattern="[A-Za-z0-9](?:[A-Za-z0-9._\-]{0,61}[A-Za-z0-9])?"
            autocomplete="off"
          />
          <button class="button" type="submit" aria-label={`Accept ${row.address}`}>
            Accept
          </button>
        </form>
      )}
      {row.status === "rejected" ? null : (
        <PostButton
          action={`/discovery/proposals/${row.id}/reject`}
          label="Refuse"
          kind="quiet"
          describedAs={`Refuse ${row.address}`}
        />
      )}
    </div>
  );
}
