import { Command } from "../component/empty.tsx";
import { Icon } from "../component/icon.tsx";
import { Notice } from "../component/notice.tsx";
import { type CollectorRowView, CollectorTable } from "../fragment/collector-table.tsx";
import { type SiteRowView, SiteTable } from "../fragment/site-table.tsx";
import { Shell, type ShellView } from "./shell.tsx";

function AddSite() {
  return (
    <a class="button" href="/sites/add">
      <Icon name="plus" />
      Add a site
    </a>
  );
}

export function SitesPage({ shell, sites, nowMs }: { shell: ShellView; sites: SiteRowView[]; nowMs: number }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Sites</h1>
        <AddSite />
      </div>
      <SiteTable sites={sites} nowMs={nowMs} />
    </Shell>
  );
}

export function CollectorsPage({ shell, rows, nowMs }: { shell: ShellView; rows: CollectorRowView[]; nowMs: number }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Collectors</h1>
        <AddSite />
      </div>
      <CollectorTable rows={rows} nowMs={nowMs} />
    </Shell>
  );
}

export interface AddSiteView {
  site: string;
  problem?: string;
  /** The one-time token, shown once. */
  token?: { text: string; expiresInMin: number };
  mayEnroll: boolean;
}

export function AddSitePage({ shell, view }: { shell: ShellView; view: AddSiteView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Add a site</h1>
        <p>A site is a place with devices and one collector that polls them. The collector opens every connection.</p>
      </div>
      {view.problem === undefined ? null : <Notice tone="error">{view.problem}</Notice>}
      {view.token === undefined ? <SiteForm view={view} /> : <Commands site={view.site} token={view.token} />}
    </Shell>
  );
}

function SiteForm({ view }: { view: AddSiteView }) {
  if (!view.mayEnroll) return <Notice tone="info">Only an admin can add a site. Ask one, or sign in as one.</Notice>;
  return (
    <form class="fields section" method="post" action="/sites/add">
      <div class="field">
        <label for="site-name">Short name</label>
        <input
          id="site-name"
          name="site"
          value={view.site}
          required
          pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
          autocomplete="off"
          aria-describedby="site-hint"
        />
        <span class="hint" id="site-hint">
          a-z, 0-9 and -, at most 63. It stands in certificates and on every sample, and cannot be changed later.
        </span>
      </div>
      <div class="buttons">
        <button class="button primary" type="submit">
          Make a one-time token
        </button>
      </div>
    </form>
  );
}

/** The smallest file that polls something; names and addresses are to be replaced. */
function configOf(site: string): string {
  return [
    "cat > collector.yaml <<'END'",
    `name: ${site}-1`,
    "credentials:",
    "  - name: read-only",
    "    version: v2c",
    "    community: ${env:SNMP_COMMUNITY}",
    "devices:",
    "  - name: core-sw1",
    "    address: 192.0.2.1",
    "    credential: read-only",
    "END",
  ].join("\n");
}

function Commands({ site, token }: { site: string; token: { text: string; expiresInMin: number } }) {
  return (
    <div class="section fields wide-fields">
      <Notice tone="warning">
        This token lets one collector join {site}. It is shown once and works once, within {token.expiresInMin} minutes.
      </Notice>
      <p>1. On a machine at the site that reaches its devices, write down what to poll:</p>
      <Command text={configOf(site)} />
      <p>2. Check it, and ask one device once, to see that address and credential are right:</p>
      <Command text={"export SNMP_COMMUNITY=public\ncollector check-config collector.yaml"} />
      <Command text="collector once --config collector.yaml --device core-sw1 --explain" />
      <p>
        3. Start it with the token. It enrols itself, and needs the token never again. Its state goes to
        /var/lib/watchpost-collector; without the right to write there, add <code>--data-dir DIRECTORY</code>:
      </p>
      <Command text={`WATCHPOST_TOKEN=${token.text} collector run --config collector.yaml`} />
      <p>
        4. It appears under <a href="/collectors">Collectors</a>, and what it polls under <a href="/devices">Devices</a>
        , by themselves.
      </p>
    </div>
  );
}
