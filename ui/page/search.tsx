import { Icon } from "../component/icon.tsx";
import { SearchList, type SearchView } from "../fragment/search-results.tsx";
import { Shell, type ShellView } from "./shell.tsx";

export function SearchPage({ shell, view }: { shell: ShellView; view: SearchView }) {
  return (
    <Shell view={shell}>
      <div class="page-head">
        <h1>Search</h1>
      </div>
      <form class="filter" method="get" action="/search" role="search">
        <span class="search">
          <Icon name="search" />
          <input
            type="search"
            name="q"
            value={view.query}
            placeholder="Device, incident, site, script"
            aria-label="Search everything"
            maxlength={100}
          />
        </span>
        <button class="button" type="submit">
          Search
        </button>
      </form>
      <SearchList view={view} />
    </Shell>
  );
}
