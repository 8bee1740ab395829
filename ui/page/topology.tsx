import { TopologyMap, type TopologyView } from "../fragment/topology-map.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export function TopologyPage({ shell, view }: { shell: ShellView; view: TopologyView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Topology</h1>
        {view.sites.length < 2 ? null : <SiteChoice view={view} />}
      </div>
      <TopologyMap view={view} />
    </Shell>
  );
}

function SiteChoice({ view }: { view: TopologyView }) {
  return (
    <form class="filter" method="get" action="/topology" data-apply aria-label="Choose a site">
      <label>
        Site
        <select name="site">
          {view.sites.map((site) => (
            <option value={site.name} selected={site.name === view.site}>
              {site.title}
            </option>
          ))}
        </select>
      </label>
      <button class="button quiet" type="submit">
        Show
      </button>
    </form>
  );
}
